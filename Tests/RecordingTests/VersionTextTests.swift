import Determinism
import Recording
import Replication
import Testing

@Suite struct VersionTextTests {
    private let first = MemberID(NodeID(region: RegionID(index: 0)))
    private let second = MemberID(
        NodeID(region: RegionID(index: 12), zone: 3, ordinal: 2), incarnation: 4)

    private var versions: [(Version, String)] {
        var vector = VersionVector()
        vector[first] = 5
        vector[second] = 7
        let time = HybridTimestamp(wall: WallTime(nanosecondsSince1970: 99), logical: 3)
        return [
            (.sequence(epoch: 3, index: 17), "3.17"),
            (
                .causal(
                    dot: Dot(member: first, counter: 6), context: VersionVector(),
                    timestamp: time), "0.0.1:6@99.3|"
            ),
            (
                .causal(
                    dot: Dot(member: second, counter: 8), context: vector, timestamp: time),
                "12.3.2#4:8@99.3|0.0.1:5,12.3.2#4:7"
            ),
        ]
    }

    @Test func versionsReadBack() {
        for (version, text) in versions {
            #expect(VersionText.text(version) == text)
            #expect(VersionText.version(text) == version)
        }
    }

    @Test func positionsReadBack() {
        var vector = VersionVector()
        #expect(VersionText.position("|") == .vector(vector))
        vector[first] = 1
        for position in [AppliedPosition.index(0), .index(12), .vector(vector)] {
            #expect(VersionText.position(VersionText.text(position)) == position)
        }
    }

    @Test(arguments: [
        "", "3", "3.", "a.b", "3.17.1", "0.0.1:6@99.3", "0.0.1@99.3|", "0.0:6@99.3|",
        "0.0.1:6@99|", "0.0.1:6@99.3|0.0.1:0", "0.0.1:6@99.3|0.0.1:1,0.0.1:2", "0.0.1#0:6@9.3|",
        "0.0.1:0@9.3|",
    ])
    func anythingElseIsNoVersion(text: String) {
        #expect(VersionText.version(text) == nil)
    }
}
