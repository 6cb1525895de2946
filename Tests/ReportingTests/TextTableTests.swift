import Determinism
import Reporting
import Testing

struct TextTableTests {
    @Test func columnsAlign() {
        var table = TextTable([.left("NAME"), .right("COUNT"), .left("")])
        table.add(["a", "1", "x"])
        table.add(["longer", "1000"])
        #expect(
            table.text == """
                NAME    COUNT
                a           1  x
                longer   1000
                """)
    }

    @Test func aPanelShowsTimeFaultsAndRegions() {
        let panel = ProgressPanel(
            phase: "running", elapsed: .seconds(10), duration: .seconds(40),
            faults: ["f1 isolate"], leaders: ["default: us-east-1"],
            rows: [
                .init(
                    region: "us-east-1", nodes: "1/1", okPerSecond: 49.6, notOk: 2, p50: 87.04,
                    p99: nil, open: 3)
            ])
        let text = panel.lines.joined(separator: "\n")
        #expect(panel.summary.hasSuffix("10.0 of 40 s, running"))
        #expect(text.contains("faults: f1 isolate"))
        #expect(text.contains("us-east-1    1/1    50       2    87.0"))
    }
}
