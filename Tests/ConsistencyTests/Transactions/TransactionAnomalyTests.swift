import Consistency
import Testing

/// Histories written by hand, each with the anomalies that it shows and the weakest models that
/// it breaks.
@Suite struct TransactionAnomalyTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var title: String
        var kind: TransactionHistory.Kind
        var text: String
        var anomalies: [String]
        var broken: [String]
        var testDescription: String { title }

        init(
            _ title: String, _ text: String, _ anomalies: [String], _ broken: [String],
            _ kind: TransactionHistory.Kind = .listAppend
        ) {
            self.title = title
            self.kind = kind
            self.text = text
            self.anomalies = anomalies
            self.broken = broken
        }
    }

    private static let skew = ["consistent-view", "parallel-snapshot-isolation", "repeatable-read"]

    static let cases: [Case] = [
        Case("serializable", "ax1 ay1\nrx1 ay2\nry12", [], []),
        Case("Adya, Liskov, O'Neil, figure 3", "az1 ax1 ay1\nrx1 ay2\nry12 az3\nrz13", [], []),
        // Two transactions whose appends are in different orders on two keys.
        Case("G0", "ax1 ay1\nax2 ay2\nrx12 ry21", ["G0"], ["read-uncommitted"]),
        Case("G1a", "ax1 fail\nrx1\nay1\nry1", ["G1a"], ["read-committed"]),
        Case(
            "G1b is a read skew too", "ax1 ax2\nrx1\nrx12", ["G1b", "G-single"],
            ["read-committed"]),
        Case("own intermediate state", "ax1 rx1 ax2\nrx12", [], []),
        Case("G1c", "ax1 ry1\nax2 ay1\nrx12 ry1", ["G1c"], ["read-committed"]),
        Case("G-single", "ax1 ay1\nax2 ry\nrx12\nry1", ["G-single"], skew),
        Case(
            "G2-item", "ax1 ry\nay1 rx", ["G2-item"], ["repeatable-read", "update-serializable"]),
        // Two readers see two writes in different orders: neither writes.
        Case(
            "long fork", "ax1\nay1\nrx1 ry\nrx ry1", ["G-nonadjacent"],
            ["repeatable-read", "snapshot-isolation"]),
        Case(
            "incompatible orders", "ax1\nax2\nax3\nrx12\nrx13", ["incompatible-order"],
            ["read-committed"]),
        Case(
            "contradictory read orders", "ax1 ry1\nax2\nax3 ay1\nrx13\nrx123",
            ["incompatible-order", "G1c"], ["read-committed"]),
        Case(
            "own appends out of order", "ax1 ax2\nrx21", ["incompatible-order", "G1b"],
            ["read-committed"]),
        Case(
            "own append lost", "ax1 ax2\nrx2", ["incompatible-order", "G-single"],
            ["read-committed"]),
        Case(
            "an element twice in one read", "ax1\nrx11", ["duplicate-elements"],
            ["read-uncommitted"]),
        Case("nobody appended it", "ax1\nrx12", ["garbage-read"], ["read-uncommitted"]),
        Case(
            "dirty update", "ax1 fail\nax2\nrx12", ["dirty-update", "G1a"], ["read-committed"]),
        Case("aborted, and never seen", "ax1 fail\nax2\nrx2", [], []),
        Case(
            "lost update", "ax0\nrx0 ax1\nrx0 ax2\nrx012", ["lost-update", "G-single"],
            ["cursor-stability", "update-atomic"]),
        Case(
            "lost update that no read shows", "ax0\nrx0 ax1\nrx0 ax2", ["lost-update", "G2-item"],
            ["cursor-stability", "update-atomic"]),
        Case(
            "internal: stale", "ax1\nax2\nrx12 ax3 rx12\nrx123", ["internal"], ["read-atomic"]),
        Case(
            "internal: another prefix", "ax1\nax2\nrx1 ax3 rx213",
            ["incompatible-order", "internal"], ["read-committed"]),
        Case("internal: too much", "ax4\nax3 rx34", ["internal", "G1c"], ["read-committed"]),
        Case(
            "not repeatable", "ax1\nrx rx1", ["internal", "G-single"],
            ["consistent-view", "read-atomic", "repeatable-read"]),
        Case("future read", "ax0\nrx01 ax1", ["future-read"], ["read-committed"]),
        Case(
            "future read after an append", "ax1 rx01 ax0 ax3",
            ["incompatible-order", "future-read"],
            ["read-committed"]),
        // Elle, section 7.
        Case(
            "TiDB: appended without having seen", "ax2\nax1\nrx21 ay5 ax4\nax5\nrx2154",
            ["G-single"], skew),
        Case(
            "YugaByte DB: neither saw the other",
            "ax1\nay1\nax2 ry1\nay2 rx1\nrx12 ry12", ["G2-item"],
            ["repeatable-read", "update-serializable"]),
        Case(
            "FaunaDB: does not see its own append", "ax6 rx\nay1\nry1", ["internal"],
            ["read-atomic"]),
        Case(
            "Dgraph: reads absence after a write", "wx1 @0-1\nrx wy1 @2-3\nry1 @4-5",
            ["G-single-realtime"], ["strong-snapshot-isolation"], .readWriteRegister),
        // Process and real time, after Elle's own tests.
        Case(
            "strong snapshot isolation",
            "ax1 @0-1\nax2 @2-3\nrx1 @4-5\nrx12 @6-7", ["G-single-realtime"],
            ["strong-snapshot-isolation"]),
        Case(
            "strong session snapshot isolation",
            "ax1 @0-1\nax2 p1 @2-3\nrx1 p1 @4-5\nrx12 @6-7", ["G-single-process"],
            ["strong-session-snapshot-isolation"]),
        Case(
            "the next may begin when the last returns",
            "ax1 p1 @0-2\nrx p1 @2-3\nrx1 @6-7", ["G-single-process"],
            ["strong-session-snapshot-isolation"]),
        Case("equal times are concurrent", "ax1 @0-2\nrx @2-3\nrx1 @6-7", [], []),
        Case(
            "G-nonadjacent-process",
            "rx rz1 @0-9\nax1 p1 @0-1\nrz p1 @2-3\naz1 @0-9", ["G-nonadjacent-process"],
            ["strong-session-snapshot-isolation"]),
        Case(
            "G-nonadjacent-realtime",
            "rx rz1 @0-9\nax1 @0-1\nrz @2-3\naz1 @0-9", ["G-nonadjacent-realtime"],
            ["strong-snapshot-isolation"]),
        Case(
            "G2-item-process", "rx p1 @4-5\nax1 ry @0-9\nay1 p1 @0-1", ["G2-item-process"],
            ["strong-session-serializable"]),
        Case(
            "G2-item-realtime", "rx @4-5\nax1 ry @0-9\nay1 @0-1", ["G2-item-realtime"],
            ["strict-serializable"]),
        Case(
            "G0-realtime", "ax1 @0-1\nax2 @2-3\nrx21 @0-9", ["G0-realtime"],
            ["strong-read-uncommitted"]),
        Case(
            "G0-process", "ax1 p1 @0-1\nax2 p1 @2-3\nrx21 @0-9", ["G0-process"],
            ["strong-session-read-uncommitted"]),
        Case("G1c-realtime", "rx1 @0-1\nax1 @2-3", ["G1c-realtime"], ["strong-read-committed"]),
        Case(
            "G1c-process", "rx1 p1 @0-1\nax1 p1 @2-3", ["G1c-process"],
            ["strong-session-read-committed"]),
        // Indefinite transactions.
        Case("indefinite and seen: it committed", "ax1 ay1 info\nrx1 ry", ["G-single"], skew),
        Case("indefinite and never seen", "ax1 ay1 info\nrx ry\naz1\nrz1", [], []),
        Case("what an indefinite one read is not known", "ax2 ry? info\nax1 ay1\nrx12 ry1", [], []),
        Case(
            "may take effect late", "ax1 info p1 @0-1\nrx p1 @2-3\nrx1 @4-5", [], []),
        // Registers.
        Case("registers", "wx1\nrx1 wx2\nrx2 wy1", [], [], .readWriteRegister),
        Case(
            "register G1a", "wx1 fail\nrx1\nwy1\nry1", ["G1a"], ["read-committed"],
            .readWriteRegister),
        Case("register G1b", "wx1 wx2\nrx1\nrx2", ["G1b"], ["read-committed"], .readWriteRegister),
        Case("register G1c", "wx1 ry2\nwy2 rx1", ["G1c"], ["read-committed"], .readWriteRegister),
        Case(
            "register internal", "wx1 rx2\nwx2", ["internal"], ["read-atomic"], .readWriteRegister),
        Case(
            "register future read", "rx1 wx1", ["future-read"], ["read-committed"],
            .readWriteRegister),
        Case(
            "register garbage", "rx1\nwy1\nry1", ["garbage-read"], ["read-uncommitted"],
            .readWriteRegister),
        Case(
            "register G-single", "wx1 wy1\nrx1 ry", ["G-single"], skew, .readWriteRegister),
        Case(
            "register write skew", "rx wy1\nry wx1", ["G2-item"],
            ["repeatable-read", "update-serializable"], .readWriteRegister),
        Case(
            "register lost update", "wx1\nrx1 wx2\nrx1 wx3", ["lost-update", "G2-item"],
            ["cursor-stability", "update-atomic"], .readWriteRegister),
        Case(
            "cyclic versions", "rx1 wx2\nrx2 wx1", ["cyclic-versions", "G1c"],
            ["read-uncommitted"], .readWriteRegister),
    ]

    @Test(arguments: cases) func anomaliesAndModels(_ sample: Case) {
        let result = SampleHistory(sample.kind, sample.text).check()
        let found = result.counts.map(\.anomaly.name)
        let text = result.anomalies.flatMap(\.explanation).joined(separator: "\n")
        #expect(found == sample.anomalies, "\(text)")
        #expect(result.broken.map(\.name).sorted() == sample.broken.sorted(), "\(text)")
        #expect(result.verdict == (sample.anomalies.isEmpty ? .valid : .invalid), "\(text)")
        #expect(result.anomalies.allSatisfy { !$0.explanation.isEmpty })
    }
}
