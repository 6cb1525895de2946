import Judgement

/// A report as JUnit XML: one test case per expectation, so that a build server shows it.
///
/// An expectation that did not hold is a failure; one of which nothing can be said is an error;
/// a run that is unknown for another reason has an error of its own.
public struct JUnitReport: Sendable {
    private let report: Report

    /// The rendering of `report`.
    public init(_ report: Report) { self.report = report }

    /// The document.
    public var text: String {
        var cases = report.expectations.map(element)
        var errors = report.expectations.count { $0.held == nil }
        let failures = report.expectations.count { $0.held == false }
        if report.verdict == .unknown, errors == 0 {
            errors += 1
            cases.append(
                testCase("verdict", inner("error", report.remarks.joined(separator: "; "))))
        }
        let seconds = decimal((report.wall ?? report.duration) / 1000, places: 3)
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="\(report.scenario.name.escapedForXML)" tests="\(cases.count)" \
            failures="\(failures)" errors="\(errors)" time="\(seconds)">
            \(cases.joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    private func element(_ finding: ExpectationFinding) -> String {
        switch finding.held {
        case true?:
            testCase(
                finding.expect, "      <system-out>\(finding.measured.escapedForXML)</system-out>")
        case false?: testCase(finding.expect, inner("failure", finding.measured))
        case nil: testCase(finding.expect, inner("error", finding.measured))
        }
    }

    private func testCase(_ name: String, _ content: String) -> String {
        let suite = report.scenario.name.escapedForXML
        return """
                <testcase name="\(name.escapedForXML)" classname="\(suite)">
            \(content)
                </testcase>
            """
    }

    private func inner(_ name: String, _ message: String) -> String {
        "      <\(name) message=\"\(message.escapedForXML)\"/>"
    }
}
