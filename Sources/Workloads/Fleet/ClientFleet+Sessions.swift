import Determinism
import Replication

/// Sessions of clients with groups whose strategy needs them.
extension ClientFleet {
    /// Lets an update go out in the client's session, or wait until there is one.
    func awaitSession(_ place: Int, _ actions: inout [ClientAction]) {
        let client = places[place].client
        let group = places[place].group
        switch clients[client].sessions[group] {
        case .open: sendToRoute(place, due: places[place].planned, &actions)
        case .opening: clients[client].waiting[group].append(id(place, attempt: 0))
        case .none:
            clients[client].waiting[group].append(id(place, attempt: 0))
            openSession(client, group, &actions)
        }
    }

    /// Begins to open a session; it is tried until it succeeds or the clients are drained.
    func openSession(_ client: Int, _ group: Int, _ actions: inout [ClientAction]) {
        let place = takePlace(.openSession, client, group)
        places[place].planned = now
        sessionOpenings += 1
        clients[client].sessions[group] = .opening(place: place)
        sendToRoute(place, due: now, &actions)
    }

    func sessionOpened(
        _ place: Int, _ session: UInt64, _ actions: inout [ClientAction]
    ) {
        let client = places[place].client
        let group = places[place].group
        endOpening(place, .open(session), &actions)
        missingSessions -= 1
        let waiting = clients[client].waiting[group]
        clients[client].waiting[group].removeAll(keepingCapacity: true)
        for id in waiting {
            guard let place = openPlace(of: id) else { continue }
            sendToRoute(place, due: now, &actions)
        }
    }

    /// A node says for good that it opens no session: what waits for one has failed.
    func sessionRefused(
        _ place: Int, _ reason: String, _ actions: inout [ClientAction]
    ) {
        let client = places[place].client
        let group = places[place].group
        endOpening(place, .none, &actions)
        let waiting = clients[client].waiting[group]
        clients[client].waiting[group].removeAll(keepingCapacity: true)
        for id in waiting {
            guard let place = openPlace(of: id) else { continue }
            finish(place, .fail, error: FailureText.notSent("no session: " + reason), &actions)
        }
    }

    /// The session that the operation was sent in is no more: the client opens another, unless it
    /// has one already.
    func sessionExpired(_ place: Int, _ actions: inout [ClientAction]) {
        let client = places[place].client
        let group = places[place].group
        guard case .open(let session) = clients[client].sessions[group],
            session == places[place].request.session
        else { return }
        clients[client].sessions[group] = .none
        missingSessions += 1
        if now < end { openSession(client, group, &actions) }
    }

    /// Gives up opening sessions that nobody will use.
    func cancelSessionOpenings(_ actions: inout [ClientAction]) {
        if sessionOpenings == 0 { return }
        for client in clients.indices {
            for group in groups.indices {
                guard case .opening(let place) = clients[client].sessions[group] else { continue }
                endOpening(place, .none, &actions)
            }
        }
    }

    /// Goes on opening a session under a new sequence number.
    func reopenSession(_ place: Int, _ actions: inout [ClientAction]) {
        let client = places[place].client
        let group = places[place].group
        endOpening(place, .none, &actions)
        openSession(client, group, &actions)
    }

    private func endOpening(
        _ place: Int, _ session: FleetClient.Session, _ actions: inout [ClientAction]
    ) {
        let client = places[place].client
        let group = places[place].group
        abandonUnanswered(place, &actions)
        clients[client].sequences[group].answer(places[place].request.sequence)
        clients[client].sessions[group] = session
        sessionOpenings -= 1
        releasePlace(place)
    }
}
