import Reporting

/// A row for each check.
struct CheckTable {
    private var table: TextTable

    init(_ what: String) {
        table = TextTable([
            .left(what), .right("operations"), .right("check s"), .right("ns/operation"),
            .right("load s"), .right("load MB/s"), .right("memory"), .left("verdict"),
        ])
    }

    mutating func add(_ name: String, _ run: CheckRun) {
        table.add([
            name, grouped(run.operations), decimal(run.checkingSeconds, places: 3),
            decimal(run.checkingSeconds * 1e9 / Double(run.operations), places: 0),
            decimal(run.loadingSeconds, places: 3), decimal(run.loadingRate, places: 0),
            bytes(run.bytesMax), run.verdict,
        ])
    }

    var text: String { table.text }
}
