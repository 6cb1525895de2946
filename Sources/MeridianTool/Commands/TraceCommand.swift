import ArgumentParser
import Determinism
import Foundation
import Meridian
import Recording
import Reporting
import Scenarios

/// `meridian trace`: who sent what to whom in a recorded run.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Tells who sent what to whom in a run, in order.",
        discussion: """
            The plan of the record is run again in virtual time, unless the record has its trace \
            ('meridian simulate --trace'), which is written into it: trace.jsonl. Elections, \
            faults and other events stand among the messages. With --svg a sequence diagram is \
            drawn, too.

            EXAMPLE
              meridian trace runs/first-outage-20260101T000000Z --from 10s --until 12s
              meridian trace runs/mine --node us-east-1 --no-keep-alives --svg trace.svg
            """)

    @Argument(help: "The folder of a record.", completion: .directory)
    var record: String

    @Option(help: "From when, as in a scenario: 9s.")
    var from: DurationArgument?

    @Option(help: "Until when.")
    var until: DurationArgument?

    @Option(
        help: "Only what this node, region or 'clients of REGION' sends or receives; repeatable.")
    var node: [String] = []

    @Flag(help: "Leave out what only shows that its sender lives.")
    var noKeepAlives = false

    @Option(help: "The most messages; by default all, and 200 in a diagram.")
    var limit: Int?

    @Option(help: "Draw a sequence diagram into this file.", completion: .file(extensions: ["svg"]))
    var svg: String?

    @Flag(help: "Print the messages as JSON, one a line as in trace.jsonl, and nothing else.")
    var json = false

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("limit: at least 1") }
    }

    func run() throws {
        let trace = try reportingErrors { try Meridian.trace(folder: record) }
        var choice = TraceSelection.Choice(
            from: from.map { .zero + $0.span }, until: until.map { .zero + $0.span },
            names: node, hasKeepAlives: !noKeepAlives, limit: limit)
        for name in node {
            let isKnown = trace.participants.contains {
                TraceSelection.Choice.isPart($0, of: name)
            }
            if isKnown { continue }
            throw ValidationError(
                "nobody is called '\(name)'; there are "
                    + trace.participants.joined(separator: ", "))
        }
        for remark in trace.remarks { complain("note: \(remark)") }
        let selection = TraceSelection(trace.rows, events: trace.events, choice)
        if json {
            for row in selection.rows { print(row.json.line) }
        } else if svg == nil {
            print(TraceText(selection).text)
        }
        guard let svg else { return }
        choice.limit = limit ?? Self.drawnMax
        let drawn = TraceSelection(trace.rows, events: trace.events, choice)
        let picture = SequenceDiagram(
            drawn, participants: trace.participants, title: trace.title)
        do {
            try Data(picture.svg.utf8).write(to: URL(fileURLWithPath: svg), options: .atomic)
        } catch {
            throw userError(
                RecordError.inaccessible(path: svg, reason: error.localizedDescription))
        }
        if !json {
            print("\(svg): \(drawn.rows.count) messages" + (drawn.remark.map { "; \($0)" } ?? ""))
        }
    }

    /// The most messages of a diagram, unless another limit is given.
    private static let drawnMax = 200
}
