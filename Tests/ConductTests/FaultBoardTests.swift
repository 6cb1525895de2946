import Determinism
import Geography
import Replication
import Scenarios
import Testing

@testable import Conduct

@Suite struct FaultBoardTests {
    private func board(_ faults: [(kind: FaultKind, targets: [[NodeID]])]) -> FaultBoard {
        var board = FaultBoard(nodes: (0..<4).map { node($0) })
        for (index, fault) in faults.enumerated() {
            board.strike(
                .init(
                    number: index + 1, kind: fault.kind, targets: fault.targets,
                    cutsClients: false))
        }
        return board
    }
    private func conditions(_ board: FaultBoard) -> [String: [LinkCondition]] {
        var result: [String: [LinkCondition]] = [:]
        for source in 0..<4 {
            for target in 0..<4 where source != target {
                let found = board.conditions(from: node(source), to: node(target))
                if !found.isEmpty { result["\(source)\(target)"] = found }
            }
        }
        return result
    }
    private func held(_ links: [String]) -> [String: [LinkCondition]] {
        Dictionary(uniqueKeysWithValues: links.map { ($0, [.held]) })
    }
    private let zero = Place.region(region(0))
    private let one = Place.region(region(1))

    @Test func aPartitionLeavesWhoIsNotNamedAlone() {
        let board = board([
            (.partition([at(0), .list([at(1), at(2)])]), [[node(0)], [node(1), node(2)]])
        ])
        #expect(conditions(board) == held(["01", "02", "10", "20"]))
    }

    @Test func anIsolatedNodeIsCutOffFromAllOthers() {
        let board = board([(.isolate(at(0)), [[node(0), node(1)]])])
        #expect(conditions(board) == held(["02", "03", "12", "13", "20", "21", "30", "31"]))
    }

    @Test func aCutIsBothWaysOrOne() {
        #expect(
            conditions(board([(.cut(.between(zero, one), layer: .packet), [])]))
                == held(["01", "10"]))
        #expect(
            conditions(board([(.cut(.directed(from: zero, to: one), layer: .packet), [])])) == [
                "01": [.held],
                "10": [.acknowledgementsLost(window: LinkCondition.defaultWindow)],
            ])
        #expect(
            conditions(board([(.cut(.directed(from: zero, to: one), layer: .message), [])]))
                == ["01": [.dropped]])
        #expect(
            conditions(board([(.cut(.between(zero, one), layer: .message), [])]))
                == ["01": [.dropped], "10": [.dropped]])
        #expect(
            conditions(board([(.cut(.around(at(3)), layer: .packet), [[node(3)]])]))
                == held(["03", "13", "23", "30", "31", "32"]))
    }

    @Test func aDegradationBringsItsPartsInOrder() {
        let change = Degradation(delay: .multiplied(3), loss: 0.1, bandwidth: 1000)
        #expect(
            conditions(board([(.degrade(.directed(from: zero, to: one), change), [])]))
                == ["01": [.delayFactor(3), .extraLoss(0.1), .bandwidth(1000)]])
        #expect(conditions(board([(.degrade(.all, change), [])])).count == 12)
        #expect(conditions(board([(.degrade(.around(at(0)), change), [[node(0)]])])).count == 6)
    }

    @Test func refusalIsAtBothEnds() {
        let found = conditions(board([(.refuse(at(0)), [[node(0)]])]))
        #expect(found.keys.sorted() == ["01", "02", "03", "10", "20", "30"])
        #expect(found.values.allSatisfy { $0 == [.connectionsRefused] })
    }

    @Test(arguments: [
        FaultKind.reset(.all), .kill(at(0), disk: .kept), .pause(at(0)),
        .surge(at(0), factor: 2),
    ])
    func otherFaultsLeaveLinksAlone(_ kind: FaultKind) {
        #expect(conditions(board([(kind, [[node(0)]])])).isEmpty)
    }

    @Test func overlapsFoldInFileOrderAndAHealTakesItsOwnAway() {
        let slow = Degradation(delay: .added(s(1)))
        let far = Degradation(delay: .multiplied(2))
        var board = FaultBoard(nodes: (0..<4).map { node($0) })
        let link = LinkScope.directed(from: zero, to: one)
        board.strike(.init(number: 3, kind: .degrade(link, far), targets: [], cutsClients: false))
        board.strike(
            .init(number: 2, kind: .isolate(at(0)), targets: [[node(0)]], cutsClients: true))
        board.strike(.init(number: 1, kind: .degrade(link, slow), targets: [], cutsClients: false))
        #expect(
            board.conditions(from: node(0), to: node(1))
                == [.extraDelay(s(1)), .held, .delayFactor(2)])
        #expect(board.nodesCutFromClients == [node(0)])
        board.heal(2)
        #expect(
            board.conditions(from: node(0), to: node(1)) == [.extraDelay(s(1)), .delayFactor(2)])
        #expect(board.conditions(from: node(0), to: node(2)).isEmpty)
        #expect(board.nodesCutFromClients.isEmpty)
        board.heal(7)
        #expect(board.active.map(\.number) == [1, 3])
    }

    @Test func nodesStayDownUntilTheLastKillHeals() {
        var board = board([
            (.kill(at(0), disk: .kept), [[node(0), node(1)]]),
            (.kill(at(1), disk: .kept), [[node(1)]]), (.pause(at(2)), [[node(2)]]),
        ])
        #expect(board.nodesKilled == [node(0), node(1)])
        #expect(board.nodesPaused == [node(2)])
        board.heal(1)
        #expect(board.nodesKilled == [node(1)])
        board.release(node(1), from: 2)
        #expect(board.nodesKilled.isEmpty)
    }

    @Test func surgesMultiply() {
        let board = board([
            (.surge(at(0), factor: 3), [[node(0)]]),
            (.surge(.list([at(0), at(1)]), factor: 0.5), [[node(0), node(1)]]),
        ])
        #expect(board.surgeFactor(of: region(0)) == 1.5)
        #expect(board.surgeFactor(of: region(1)) == 0.5)
        #expect(board.surgeFactor(of: region(2)) == 1)
    }

    @Test func theLinksOfAFaultAreThoseThatItTouches() {
        let board = FaultBoard(nodes: (0..<4).map { node($0) })
        func links(_ kind: FaultKind, _ targets: [[NodeID]]) -> [String] {
            board.links(of: .init(number: 1, kind: kind, targets: targets, cutsClients: false))
                .map { "\($0.source.region.index)\($0.target.region.index)" }
        }
        #expect(links(.reset(.between(zero, one)), []) == ["01", "10"])
        #expect(links(.cut(.directed(from: zero, to: one), layer: .message), []) == ["01"])
        #expect(links(.isolate(at(3)), [[node(3)]]) == ["03", "13", "23", "30", "31", "32"])
        #expect(links(.kill(at(3), disk: .kept), [[node(3)]]).isEmpty)
    }
}
