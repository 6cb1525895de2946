import Determinism
import Replication

/// Where open operations are kept, and how identifiers find them.
extension ClientFleet {
    /// Takes a place for an operation that begins now.
    func takePlace(
        _ purpose: OpenOperation.Purpose, _ client: Int, _ group: Int
    ) -> Int {
        let place: Int
        if let free = freePlaces.popLast() {
            place = free
        } else {
            place = places.count
            precondition(place < AttemptID.placesMax, "more open operations than the limits allow")
            places.append(OpenOperation())
        }
        places[place].isOpen = true
        places[place].purpose = purpose
        places[place].client = client
        places[place].group = group
        places[place].invoked = now
        return place
    }

    /// Frees a place; identifiers of its operation no longer find it.
    func releasePlace(_ place: Int) {
        places[place].isOpen = false
        places[place].isUpdate = false
        places[place].generation = AttemptID.following(places[place].generation)
        places[place].attempts.removeAll(keepingCapacity: true)
        places[place].context = VersionVector()
        places[place].request = ClientRequest(
            client: clients[places[place].client].id, sequence: 0, command: .openSession)
        places[place].position = 0
        places[place].waits = 0
        places[place].hints = 0
        places[place].isRetryPlanned = false
        places[place].lastError = nil
        freePlaces.append(place)
    }

    /// The identifier of an attempt of the operation in `place`.
    func id(_ place: Int, attempt: Int) -> AttemptID {
        AttemptID(place: place, generation: places[place].generation, attempt: attempt)
    }

    /// The place of the operation that `id` is about, if it is still open.
    func openPlace(of id: AttemptID) -> Int? {
        let place = id.place
        guard place < places.count, places[place].isOpen,
            places[place].generation == id.generation
        else { return nil }
        return place
    }

    /// Drops deadlines of operations and attempts that are decided, so that nothing wakes for
    /// them.
    func forgetPassedDeadlines() {
        while let first = deadlines.first, openPlace(of: first.item) == nil {
            deadlines.removeFirst()
        }
        while let first = attemptDeadlines.first, !isAwaitedLast(first.item) {
            attemptDeadlines.removeFirst()
        }
    }

    /// Whether `id` is the last attempt of an open operation and nothing has come of it yet.
    func isAwaitedLast(_ id: AttemptID) -> Bool {
        guard let place = openPlace(of: id) else { return false }
        return id.attempt == places[place].attempts.count - 1
            && places[place].attempts[id.attempt].fate == .awaited
    }
}
