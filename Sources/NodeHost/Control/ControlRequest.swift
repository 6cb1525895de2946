import Determinism
import Foundation
import Geography
import RegionCore
import Replication

/// What whoever conducts the run asks of a node, over the control connection. Every request is
/// answered with one ``ControlReply``, in order of completion, under the request's number.
package enum ControlRequest: Hashable, Sendable {
    /// How the node is; empties its list of notes.
    case status
    /// Where other nodes listen, from now on.
    case setPeers([PeerAddress])
    /// What links from this node are like, from now on; links that are not named stay.
    case setLinks([LinkConfiguration])
    /// Tear the connection to the node down, as the fault `reset` does.
    case resetLink(NodeID)
    /// What the wall clock says, from now on.
    case setWallClock(WallClockSetting)
    /// Change the group, as an operator does.
    case administer(GroupID, Administration)
    /// A page of the group's final state: entries from the `from`-th on. Page 0 takes a snapshot
    /// that the following pages are cut from.
    case finalState(GroupID, from: UInt64)
    /// What faults do to the clocks, the disk and the processor of the node, from now on.
    case setCondition(NodeCondition)
    /// End in good order. The reply is sent before the node closes its connections.
    case stop
}

/// Where a node listens.
package struct PeerAddress: Hashable, Sendable {
    /// The node.
    package var node: NodeID
    /// Its address.
    package var host: String
    /// Its port.
    package var port: UInt16

    /// `node` at `host` and `port`.
    package init(node: NodeID, host: String = "127.0.0.1", port: UInt16) {
        self.node = node
        self.host = host
        self.port = port
    }
}

extension ControlRequest: ByteCodable {
    package var encodedSize: Int {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes.count
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .status: writer.writeInteger(UInt8(1))
        case .setPeers(let peers):
            writer.writeInteger(UInt8(2))
            writer.writeVarint(UInt64(peers.count))
            for peer in peers {
                writer.writeInteger(peer.node.packed)
                writer.writeString(peer.host)
                writer.writeInteger(peer.port)
            }
        case .setLinks(let links):
            writer.writeInteger(UInt8(3))
            writer.writeVarint(UInt64(links.count))
            for link in links { writer.writeBytes(JSONForm.encode(link)) }
        case .resetLink(let node):
            writer.writeInteger(UInt8(4))
            writer.writeInteger(node.packed)
        case .setWallClock(let setting):
            writer.writeInteger(UInt8(5))
            writer.writeInteger(setting.monotonicNanoseconds)
            writer.writeInteger(setting.wallNanoseconds)
        case .administer(let group, let command):
            writer.writeInteger(UInt8(6))
            writer.writeInteger(group.index)
            switch command {
            case .transferLeader(let region):
                writer.writeInteger(UInt8(1))
                writer.writeInteger(UInt64(region.index))
            case .addLearner(let member):
                writer.writeInteger(UInt8(2))
                writer.writeInteger(member.packed)
            case .promote(let member):
                writer.writeInteger(UInt8(3))
                writer.writeInteger(member.packed)
            case .remove(let member):
                writer.writeInteger(UInt8(4))
                writer.writeInteger(member.packed)
            }
        case .finalState(let group, let from):
            writer.writeInteger(UInt8(7))
            writer.writeInteger(group.index)
            writer.writeVarint(from)
        case .stop: writer.writeInteger(UInt8(8))
        case .setCondition(let condition):
            writer.writeInteger(UInt8(9))
            writer.writeBytes(JSONForm.encode(condition))
        }
    }

    package static func decode(
        from reader: inout ByteReader
    ) throws(MalformedBytes) -> ControlRequest {
        switch try reader.readInteger(UInt8.self) {
        case 1: return .status
        case 2:
            var peers: [PeerAddress] = []
            for _ in 0..<(try reader.readCount(limit: Limits.nodesMax)) {
                let node = NodeID(packed: try reader.readInteger())
                let host = try reader.readString(limit: 256)
                peers.append(
                    PeerAddress(node: node, host: host, port: try reader.readInteger()))
            }
            return .setPeers(peers)
        case 3:
            var links: [LinkConfiguration] = []
            for _ in 0..<(try reader.readCount(limit: Limits.nodesMax)) {
                let link = try JSONForm.decode(
                    LinkConfiguration.self, from: try reader.readBytes(limit: 1 << 20))
                if let objection = link.profile.objection ?? link.conditions.objection {
                    throw MalformedBytes("a link: \(objection)")
                }
                links.append(link)
            }
            return .setLinks(links)
        case 4: return .resetLink(NodeID(packed: try reader.readInteger()))
        case 5:
            let monotonic = Instant(nanoseconds: try reader.readInteger())
            let wall = WallTime(nanosecondsSince1970: try reader.readInteger())
            return .setWallClock(WallClockSetting(wall: wall, at: monotonic))
        case 6:
            let group = GroupID(index: try reader.readInteger())
            let number: UInt8 = try reader.readInteger()
            let operand: UInt64 = try reader.readInteger()
            switch number {
            case 1:
                let region = RegionID(index: UInt16(truncatingIfNeeded: operand))
                return .administer(group, .transferLeader(to: region))
            case 2: return .administer(group, .addLearner(MemberID(packed: operand)))
            case 3: return .administer(group, .promote(MemberID(packed: operand)))
            case 4: return .administer(group, .remove(MemberID(packed: operand)))
            case let number: throw MalformedBytes("administration \(number) is unknown")
            }
        case 7:
            let group = GroupID(index: try reader.readInteger())
            return .finalState(group, from: try reader.readVarint())
        case 8: return .stop
        case 9:
            let condition = try JSONForm.decode(
                NodeCondition.self, from: try reader.readBytes(limit: 1 << 16))
            if let objection = condition.objection {
                throw MalformedBytes("a condition: \(objection)")
            }
            return .setCondition(condition)
        case let tag: throw MalformedBytes("control request \(tag) is unknown")
        }
    }
}

/// Values that travel as JSON inside a frame: settings that are rare, nested and will grow.
enum JSONForm {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        // An encoder that is given only numbers, text and arrays has nothing to object to.
        return (try? encoder.encode(value)).map { [UInt8]($0) } ?? []
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(MalformedBytes) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw MalformedBytes(error.explanation)
        } catch {
            throw MalformedBytes("\(error)")
        }
    }
}
