import Determinism
import Judgement
import Recording
import Testing

/// A run's record, asked for facts: who served when, what was seen of a fault, who came back.
struct RunFacts {
    let record: RecordContents
    let report: Report
    let shape: RecordShape

    // MARK: Faults

    func strike(of fault: String) throws -> FaultStarted {
        try #require(record.events.compactMap(FaultStarted.init).first { $0.id == fault })
    }

    func heal(of fault: String) throws -> Instant {
        try #require(record.events.compactMap(FaultEnded.init).first { $0.id == fault }).time
    }

    /// Every fault's last evidence, by its identity.
    var evidence: [String: FaultEvidence] {
        record.events.compactMap(FaultEvidence.init).reduce(into: [:]) { $0[$1.id] = $1 }
    }

    /// What was counted as evidence of a fault.
    func number(_ name: String, of fault: String) throws -> Double {
        let found = try #require(evidence[fault]?.evidence.first { $0.name == name })
        return try #require(found.value.double)
    }

    // MARK: Events

    func events(_ kind: RecordedEvent.Kind, at node: String? = nil) -> [RecordedEvent] {
        record.events.filter { $0.kind == kind && (node == nil || $0.node == node) }
    }

    /// Whether a group took a node in again as somebody new: `#1` stands behind its name.
    var hasNewIncarnation: Bool {
        events(.init(rawValue: "membership-changed")).contains { event in
            event.fields.contains { $0.value.text?.contains("#") == true }
        }
    }

    // MARK: Operations

    /// How many operations began and were answered by one of `nodes` in this time.
    func served(by nodes: [String], from: Instant, to: Instant) -> Int {
        record.history.count { operation in
            guard let node = operation.servedBy, nodes.contains(node), operation.isAnswered,
                let invoked = operation.invoked, let completed = operation.completed
            else { return false }
            return invoked >= from && completed <= to
        }
    }

    // MARK: The end

    /// The nodes that were compared at the end, if all agreed in every group.
    func nodesThatAgree() throws -> Set<String> {
        let end = try #require(record.events.compactMap(Convergence.init).last)
        #expect(end.converged && end.leftOut.isEmpty)
        for group in Set(end.digests.map(\.group)) {
            #expect(Set(end.digests.filter { $0.group == group }.map(\.digest)).count == 1)
        }
        return Set(end.digests.map(\.node))
    }

    /// What a node held at the end, without its name.
    func state(of node: String) -> [FinalRow] {
        record.final.filter { $0.node == node }.map { row in
            var row = row
            row.node = ""
            return row
        }
    }
}
