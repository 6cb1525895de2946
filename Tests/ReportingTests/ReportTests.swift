import Foundation
import Judgement
import Reporting
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// Renderings of one report, read from JSON as `meridian report` does.
struct ReportTests {
    private let report: Report

    init() throws { report = try Report(decoding: Array(Self.json.utf8)) }

    @Test func junitHasACaseForEachExpectation() throws {
        let text = JUnitReport(report).text
        let counter = ElementCounter()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = counter
        #expect(parser.parse(), "\(text)")
        #expect(counter.counts["testcase"] == 3)
        #expect(counter.counts["failure"] == 1)
        #expect(counter.counts["error"] == 1)
        #expect(text.contains("failures=\"1\" errors=\"1\""))
        #expect(text.contains("&lt;5 &amp; &quot;late&quot;"))
    }

    @Test func theTerminalTellsTheVerdictAndWhy() {
        let text = TerminalReport(report).text
        #expect(text.contains("verdict: FAIL"))
        #expect(text.contains("NO"))
        #expect(text.contains("note: fault f1 (isolate) had no effect"))
        #expect(text.contains("3,000 operations: 2,900 ok, 60 failed, 40 unknown"))
        #expect(text.contains("NONE"))
    }

    private static let json = """
        {"schema": "meridian.report/1",
         "scenario": {"name": "demo", "title": "A demo", "digest": "sha256:00"},
         "engine": "processes", "seed": 7, "verdict": "fail", "complete": true,
         "remarks": ["fault f1 (isolate) had no effect"],
         "duration_ms": 20000, "wall_ms": 21000, "harness_lag_ms": {"p50": 0.1, "p99": 1.2, "max": 4},
         "operations": {"planned": 3000, "invoked": 3000, "ok": 2900, "fail": 60, "info": 40},
         "availability": [{"region": "all", "operation": "all", "phase": "all", "fault": null,
                           "planned": 3000, "answered": 2900, "share": 0.9667}],
         "latency_ms": [{"region": "us-east-1", "operation": "write", "phase": "before",
                         "fault": null, "count": 900, "mean": 91.2, "p50": 90.4, "p95": 92.0,
                         "p99": 95.1, "p999": 99.0, "max": 101.3}],
         "network": {"messages": 51234, "bytes": 7345612, "cross_region_bytes": 7345612,
                     "messages_per_operation": 17.1,
                     "delay_error_ms": {"p50": 0.1, "p99": 0.4, "max": 2}},
         "faults": [{"id": "f1", "kind": "isolate", "targets": ["us-east-1"], "start_ms": 10000,
                     "end_ms": 15000, "had_effect": false, "evidence": {"frames_held": 0},
                     "detected_ms": null, "failed_over_ms": null, "served_again_ms": null,
                     "recovered_ms": null, "converged_ms": 450, "leaders_taken": [],
                     "homes_taken": [], "acknowledged_writes_lost": 0, "oldest_lost_ms": null}],
         "consistency": {"linearizable": {"verdict": "valid", "checked": 3000, "violations": []},
                         "staleness_ms": {"p50": 0, "p99": 0, "max": 0, "stale_reads": 0,
                                          "reads": 2400},
                         
                         "versions_behind": {"p50": 0, "p99": 0, "max": 0},
                         "lost_updates": 0, "unaudited_writes": 0,
                         "conflicts": {"detected": 0, "discarded_concurrent": 0,
                                       "resolved": {}}},
         "convergence": {"converged": true, "time_ms": 450, "digests": {"us-east-1": "00"},
                         "left_out": []},
         "expectations": [
           {"expect": "linearizable", "held": true, "kind": "safety", "measured": "no violation"},
           {"expect": "latency <5 & \\"late\\"", "held": false, "kind": "liveness",
            "measured": "91 ms"},
           {"expect": "failover: {within: 1s}", "held": null, "kind": "liveness",
            "measured": "nothing was taken down"}],
         "performance": {"virtual_seconds_per_second": null, "messages_per_second": null} }
        """
}

private final class ElementCounter: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        counts[elementName, default: 0] += 1
    }
}
