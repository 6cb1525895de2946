import Consistency
import Foundation
import Recording
import Testing

/// Histories that others recorded, with known verdicts. They are not part of the project: the
/// environment variable `MERIDIAN_HISTORIES` names a folder with `verdicts.csv` (`file,model,
/// linearizable`) and the files that it names, in any form that `meridian check` reads.
@Suite struct RecordedHistoriesTests {
    private static let folder = ProcessInfo.processInfo.environment["MERIDIAN_HISTORIES"]

    @Test(.enabled(if: folder != nil, "MERIDIAN_HISTORIES names no folder"))
    func everyVerdictIsTheKnownOne() throws {
        let folder = try #require(Self.folder)
        let table = try String(contentsOfFile: folder + "/verdicts.csv", encoding: .utf8)
        var checked = 0
        for row in table.split(separator: "\n").dropFirst() {
            let columns = row.split(separator: ",").map(String.init)
            let kind = try #require(ObjectKind(rawValue: columns[1]))
            let file = try HistoryFile(path: folder + "/" + columns[0])
            let result = Linearizability.check(file.history, dataType: "default", kind: kind)
            #expect(result.verdict.rawValue == columns[2], "\(columns[0])")
            #expect(result.checked == file.history.count)
            checked += 1
        }
        #expect(checked > 0)
    }
}
