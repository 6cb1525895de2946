import Determinism
import Replication
import Scenarios

/// When operations begin, and how they end.
extension ClientFleet {
    /// Carries out everything that has come due, in order of time.
    func runDue(_ actions: inout [ClientAction]) {
        while true {
            let deadline = deadlines.first?.at ?? .distantFuture
            let attempt = attemptDeadlines.first?.at ?? .distantFuture
            let item = agenda.first?.at ?? .distantFuture
            if deadline <= now, deadline <= attempt, deadline <= item {
                expireOperation(&actions)
            } else if attempt <= now, attempt <= item {
                expireAttempt(&actions)
            } else if let first = agenda.first, first.at <= now {
                agenda.removeFirst()
                run(first.item, at: first.at, &actions)
            } else {
                return
            }
        }
    }

    private func run(
        _ item: AgendaItem, at due: Instant, _ actions: inout [ClientAction]
    ) {
        switch item {
        case .arrival(let region, let stamp):
            guard stamp == regions[region].arrivalStamp, due < end,
                let planned = regions[region].schedule?.take()
            else { return }
            let operation = planner.next(&regions[region].operations)
            let dealt = regions[region].dealing.index(regions[region].count)
            begin(operation, regions[region].first + dealt, planned: planned, &actions)
            planArrival(region)
        case .retry(let id):
            guard let place = openPlace(of: id), places[place].isRetryPlanned else { return }
            places[place].isRetryPlanned = false
            sendToRoute(place, due: due, &actions)
        case .probe:
            if due < end { beginProbe(&actions) }
        case .probeRead(let region, let key):
            if due < end { beginProbeRead(region, key, planned: due, &actions) }
        case .beginClosedLoop: idleClients.append(contentsOf: clients.indices)
        }
    }

    /// Puts the region's next arrival on the agenda, in place of any before.
    func planArrival(_ region: Int) {
        guard let next = regions[region].nextArrival, next < end else { return }
        regions[region].arrivalStamp += 1
        agenda.insert(
            .arrival(region: region, stamp: regions[region].arrivalStamp), at: next)
    }

    /// Begins what follows from operations that have just ended.
    func beginFollowing(_ actions: inout [ClientAction]) {
        if casDue.isEmpty, idleClients.isEmpty { return }
        for following in casDue where now < end { begin(following, &actions) }
        casDue.removeAll(keepingCapacity: true)
        for client in idleClients where now < end {
            let operation = planner.next(&clients[client].operations)
            begin(operation, client, planned: now, &actions)
        }
        idleClients.removeAll(keepingCapacity: true)
    }

    private func begin(
        _ planned: PlannedOperation, _ client: Int, planned instant: Instant,
        _ actions: inout [ClientAction]
    ) {
        if case .operation(let kind) = planned.step, kind.service != nil {
            return beginSessionRequest(kind, client, planned: instant, &actions)
        }
        let operation: Operation
        var purpose = OpenOperation.Purpose.operation
        switch planned.step {
        case .insert: operation = .write(clients[client].takeToken())
        case .readModifyWrite:
            operation = .read
            purpose = .readBeforeCas
        case .operation(.read): operation = .read
        case .operation(.write): operation = .write(clients[client].takeToken())
        case .operation(.delete): operation = .delete
        case .operation(.append): operation = .append(clients[client].takeToken())
        case .operation(.increment): operation = .increment(planned.amount)
        case .operation(.add): operation = addition(planned, client)
        case .operation(.remove): operation = removal(planned, client)
        case .operation(.txn): operation = transaction(planned, client)
        case .operation(.login), .operation(.validate), .operation(.refresh), .operation(.logout),
            .operation(.listSessions), .operation(.endSessions):
            return
        case .operation(.cas):
            let known = clients[client].memory.value(group: planned.group, key: planned.key)
            operation = .compareAndSet(
                expected: known.map(ValueToken.stripped), new: clients[client].takeToken())
        }
        begin(
            operation, purpose, client, planned.group, planned.key, planned: instant, &actions)
    }

    /// The planned transaction, each of whose writes gets a token of its own.
    private func transaction(_ planned: PlannedOperation, _ client: Int) -> Operation {
        let appends = groups[planned.group].valueType == .list
        return .transaction(
            planned.steps.map { step in
                let key = keyNames.generation(step.generation, of: step.key)
                if step.isRead { return Operation.MicroOperation(.read, key) }
                let token = clients[client].takeToken()
                return Operation.MicroOperation(appends ? .append(token) : .write(token), key)
            })
    }

    private func begin(_ following: CasDue, _ actions: inout [ClientAction]) {
        let operation = Operation.compareAndSet(
            expected: following.expected.map(ValueToken.stripped),
            new: clients[following.client].takeToken())
        begin(
            operation, .operation, following.client, following.group, following.key,
            planned: now, &actions)
    }

    /// Begins `operation` of a client.
    func begin(
        _ operation: Operation, _ purpose: OpenOperation.Purpose, _ client: Int, _ group: Int,
        _ key: Int, planned: Instant, _ actions: inout [ClientAction]
    ) {
        let region = clients[client].region
        regions[region].tally.planned += 1
        let place = takePlace(purpose, client, group)
        places[place].key = key
        places[place].operation = operation
        places[place].session = sessionInHand
        sessionInHand = nil
        places[place].isUpdate = operation.isUpdate
        places[place].planned = planned
        places[place].index = nextIndex
        nextIndex += 1
        places[place].process = takeProcess(client)
        if places[place].isUpdate, operation.kind != .txn, operation.kind.service == nil {
            places[place].context = clients[client].memory.context(group: group, key: key)
        }
        regions[region].tally.open += 1
        openCount += 1
        guard regions[region].tally.open <= Self.openPerRegionMax else {
            return finish(
                place, .fail,
                error: FailureText.notSent(
                    "\(Self.openPerRegionMax) operations of the region are open"),
                &actions)
        }
        deadlines.append(id(place, attempt: 0), at: now + workload.timeout)
        if places[place].isUpdate, groups[group].strategy.needsSession {
            awaitSession(place, &actions)
        } else {
            sendToRoute(place, due: planned, &actions)
        }
    }

    /// An operation has not been decided within its timeout.
    private func expireOperation(_ actions: inout [ClientAction]) {
        guard let first = deadlines.first else { return }
        deadlines.removeFirst()
        guard let place = openPlace(of: first.item) else { return }
        let count = places[place].attempts.count
        let error =
            if count == 0 {
                FailureText.notSent(
                    "no session with \(groups[places[place].group].name) within "
                        + FailureText.rounded(workload.timeout))
            } else {
                (places[place].lastError ?? FailureText.timeout(after: workload.timeout))
                    + " (gave up after \(FailureText.rounded(workload.timeout)), "
                    + "\(count) \(count == 1 ? "attempt" : "attempts"))"
            }
        finish(place, places[place].mayTakeEffect ? .info : .fail, error: error, &actions)
    }

    /// Ends an operation, records it, and frees its place.
    func finish(
        _ place: Int, _ result: CompletedOperation.Result, answer: ClientReply.Outcome? = nil,
        servedBy: NodeID? = nil, error: String? = nil, version: Version? = nil,
        readContext: VersionVector? = nil, neverCompleted: Bool = false,
        _ actions: inout [ClientAction]
    ) {
        let client = places[place].client
        let process = places[place].process
        let group = places[place].group
        let isLast = places[place].purpose == .operation || result != .ok
        if result == .ok { planProbeRead(place) }
        abandonUnanswered(place, &actions)
        if !places[place].attempts.isEmpty {
            clients[client].sequences[group].answer(places[place].request.sequence)
        }
        var completed = CompletedOperation(
            index: places[place].index, process: process, client: clients[client].id,
            session: places[place].request.session, region: regions[clients[client].region].id,
            servedBy: servedBy, attempts: places[place].attempts.count,
            group: groups[group].id, key: keyName(of: place),
            operation: places[place].operation, planned: places[place].planned,
            invoked: places[place].attempts.isEmpty ? nil : places[place].invoked,
            completed: neverCompleted ? nil : now,
            result: result, answer: answer, error: error, version: version,
            context: readContext ?? places[place].context)
        completed.tokenSlack = places[place].session?.slack
        sessionRequestEnded(place)
        releasePlace(place)
        releaseProcess(process, client, result)
        openCount -= 1
        count(completed)
        if workload.isClosedLoop, isLast { idleClients.append(client) }
        actions.append(.completed(completed))
    }

    private func count(_ completed: CompletedOperation) {
        let region = Int(completed.region.index)
        regions[region].tally.open -= 1
        if completed.attempts == 0 { regions[region].tally.neverSent += 1 }
        switch completed.result {
        case .ok: regions[region].tally.ok += 1
        case .fail: regions[region].tally.fail += 1
        case .info: regions[region].tally.info += 1
        }
        if completed.isDefiniteNegative { regions[region].tally.negative += 1 }
    }

    private func takeProcess(_ client: Int) -> UInt64 {
        if let process = clients[client].process { return process }
        let process = freeProcesses.popLast() ?? nextProcess
        if process == nextProcess { nextProcess += 1 }
        if workload.isClosedLoop { clients[client].process = process }
        return process
    }

    private func releaseProcess(
        _ process: UInt64, _ client: Int, _ result: CompletedOperation.Result
    ) {
        switch result {
        case .info: clients[client].process = nil
        case .ok, .fail: if !workload.isClosedLoop { freeProcesses.append(process) }
        }
    }
}
