/// What a history may be consistent with, of the causal family.
///
/// The order of sessions is that of the operations of each; an operation reads from the write
/// whose value it returns. The causal order is the transitive closure of both.
public enum CausalModel: String, CaseIterable, Hashable, Sendable {
    /// Causal consistency, CC (Bouajjani, Enea, Guerraoui, Hamza, "On verifying causal
    /// consistency", POPL 2017): for some partial order that extends the order of sessions, what
    /// each operation returned is explained by some order of those before it.
    case causal = "causal"
    /// Causal convergence, CCv (the same paper): as causal consistency, and one total order, the
    /// arbitration, which extends the partial order, explains all of them.
    case causalConvergence = "causal-convergence"
    /// Causal memory, CM (the same paper; Ahamad et al., 1995): as causal consistency, and the
    /// order that explains an operation explains all earlier ones of its session too.
    case causalMemory = "causal-memory"
    /// PRAM, pipelined memory (Lipton and Sandberg, 1988): for each session some order of its own
    /// operations and of all writes, which extends the order of every session, explains all that
    /// the session read.
    case pram = "pram"
}

/// A shape of operations that a model rules out. Those of the paper have its names; w, w' are
/// different writes to one key x, and r reads from x.
public enum CausalPattern: String, CaseIterable, Hashable, Sendable {
    /// The order of sessions and the reading of values go round in a circle.
    case cyclicCO = "CyclicCO"
    /// r returned the initial value, though w comes before it in causal order.
    case writeCOInitRead = "WriteCOInitRead"
    /// r returned a value that nobody wrote.
    case thinAirRead = "ThinAirRead"
    /// r read from w, though w' comes after w and before r in causal order.
    case writeCORead = "WriteCORead"
    /// The causal order and the conflict order go round in a circle: w is before w' in conflict
    /// order if some r read from w' and has w before it in causal order.
    case cyclicCF = "CyclicCF"
    /// r returned the initial value, though w happened before it in its session's view.
    case writeHBInitRead = "WriteHBInitRead"
    /// What happened before what, in one session's view, goes round in a circle: it is the causal
    /// order and, whenever an r of the session read from w' and w happened before r, also w
    /// before w'.
    case cyclicHB = "CyclicHB"
    /// r returned the initial value, though w comes before it in its session's pipeline.
    case writePOInitRead = "WritePOInitRead"
    /// The pipeline of one session goes round in a circle. It is made as what happened before
    /// what, but not of the causal order: of the order of sessions and of what this session alone
    /// read. (Not in the paper; named in its manner.)
    case cyclicPO = "CyclicPO"
}

/// Why a history is not consistent with a model.
public struct CausalViolation: Hashable, Sendable {
    /// Its shape.
    public var pattern: CausalPattern
    /// The operations of it, by identity. Of a circle in the order of the circle, each before the
    /// next and the last before the first, and after them the reads that show why; otherwise in the
    /// order w, w', r.
    public var operations: [Int]
    /// The contradiction in a sentence.
    public var reason: String

    /// A violation with these parts.
    public init(pattern: CausalPattern, operations: [Int], reason: String) {
        self.pattern = pattern
        self.operations = operations
        self.reason = reason
    }
}

/// The outcome of a check of one model.
public struct CausalResult: Hashable, Sendable {
    /// The model.
    public var model: CausalModel
    /// The verdict. A violation that was found outweighs anything unknown.
    public var verdict: CheckVerdict
    /// How many operations were looked at.
    public var checked: Int
    /// Violations found, at most one of each pattern.
    public var violations: [CausalViolation]
    /// Why the verdict is unknown, if it is.
    public var reason: String?
    /// Two operations, by identity, that are why it is unknown because values repeat: two writes
    /// of one value, or a delete and a read of absence.
    public var ambiguous: [Int]
    /// How often the search for views put an operation into an earlier downset (see
    /// ``SessionView``); what the budget of states bounds.
    public var states: Int

    /// An outcome with these parts.
    public init(
        model: CausalModel, verdict: CheckVerdict, checked: Int,
        violations: [CausalViolation] = [], reason: String? = nil, ambiguous: [Int] = [],
        states: Int = 0
    ) {
        self.model = model
        self.verdict = verdict
        self.checked = checked
        self.violations = violations
        self.reason = reason
        self.ambiguous = ambiguous
        self.states = states
    }
}

extension CheckBudget {
    /// Enough for a million operations of a hundred sessions in the causal checks.
    public static let causal = CheckBudget(statesMax: 4_000_000_000, bytesMax: 2 << 30)
}
