import Conduct
import Recording
import Scenarios
import Simulation
import Workloads

/// Who sent what to whom in a run, and what happened meanwhile.
public struct Trace: Sendable {
    /// What was sent, in the order of sending.
    public var rows: [TraceRow]
    /// The events of the run.
    public var events: [RecordedEvent]
    /// What the run is called, with its seed.
    public var title: String
    /// Everyone who can send: the nodes of each region, and the clients beside it.
    public var participants: [String]
    /// What to know about the trace: that it is not that of the recorded run.
    public var remarks: [String] = []
}

/// The trace of the record in `folder`, which is written into it.
///
/// A record has its trace already, or it is a run in virtual time, which is made again; for a run
/// of real processes the same plan is run in virtual time. Throws `RecordError`, `ScenarioError`
/// or ``RunError``.
public func trace(folder path: String) throws -> Trace {
    let folder = try RecordFolder.open(at: path)
    let plan = try Plan(recordedScenario(path))
    let contents = try folder.read()
    let participants = plan.regions.flatMap { region in
        region.nodes.map { plan.name(of: $0) } + [TraceRow.clients(of: region.name)]
    }
    let title = "\(plan.name), seed \(plan.seed)"
    let isVirtual = contents.run.engine == .virtual
    if isVirtual, folder.hasTrace {
        return Trace(
            rows: try folder.readTrace(), events: contents.events, title: title,
            participants: participants)
    }
    let memory = RecordMemory()
    let collector = TraceCollector(plan: plan)
    let rows: [TraceRow]
    do {
        let engine = try VirtualEngine(
            plan: plan, strategies: strategies, record: memory, trace: collector)
        _ = try engine.run()
        rows = collector.rows(timeZero: engine.timeZero)
    } catch let error as InvalidWorkload {
        throw RunError(description: "the scenario's workload: \(error)")
    }
    let again = memory.contents(run: contents.run, plan: contents.plan)
    var trace = Trace(rows: rows, events: again.events, title: title, participants: participants)
    let isOther =
        isVirtual && contents.run.isComplete
        && (again.happenings != contents.happenings || again.history != contents.history)
    if !isOther { try folder.write(trace: rows) }
    if !isVirtual {
        trace.remarks.append(
            "this record is of real processes; the trace is that of the same plan in virtual time")
    } else if isOther {
        trace.remarks.append(
            "the plan went another way than the recorded run, which Meridian "
                + "\(contents.run.meridian) made; this trace is of the run made now, and is not kept"
        )
    }
    return trace
}

extension RecordContents {
    /// What happened, without details: a number may be written in more than one way.
    fileprivate var happenings: [RecordedEvent] {
        events.map { event in
            var event = event
            event.fields = []
            return event
        }
    }
}
