import Determinism
import Logging
import NIOCore
import RegionCore
import Replication
import Tokens
import Wire

/// Session tokens at the edge of the machine: clients show and get JSON Web Tokens, the machine
/// takes and gives claims. Signatures are made and verified beside the loop, which goes on.
extension RegionHost {
    /// The token that a client's request shows, if it is one of the sessions that shows one.
    static func token(in request: ClientRequest) -> [UInt8]? {
        guard case .operate(_, .call(.session(let session)), _) = request.command else {
            return nil
        }
        return session.token
    }

    /// Verifies the token of a request and hands the request on with the token's claims, or answers
    /// that the token is none. The request counts as taken in.
    func verify(
        _ token: [UInt8], of request: ClientRequest, _ handle: RequestHandle, _ frame: Frame
    ) {
        guard let signer else { return admit(request, nil, handle, frame) }
        let host = self
        loop.makeFutureWithTask { await signer.claims(of: token) }.whenSuccess { claims in
            host.admit(request, claims, handle, frame)
        }
    }

    private func admit(
        _ request: ClientRequest, _ claims: SessionClaims?, _ handle: RequestHandle,
        _ frame: Frame
    ) {
        guard !isStopping, let connection = connections[handle.connection] else {
            requestsInFlight -= 1
            return
        }
        guard let claims,
            case .operate(let key, .call(.session(let session)), let context) = request.command
        else {
            requestsInFlight -= 1
            let rejection = SessionReply.rejected(
                .forged, "this is no token that a region of this run has signed")
            return write(
                .clientReply,
                Envelope(request: handle.request, due: HostClock.monotonicNow.nanoseconds),
                ClientReply(.called(.session(rejection))), on: connection)
        }
        var request = request
        request.command = .operate(
            key, .call(.session(session.showing(claims.encoded))), context: context)
        do throws(MalformedBytes) {
            try collect(
                .request(request, group: GroupID(index: frame.envelope.scope), handle), frame,
                connection)
        } catch {
            requestsInFlight -= 1
            refuse(connection, malformed: error)
        }
    }

    /// Signs the tokens of an answer that gives some, and sends it then.
    func sign(_ grant: SessionGrant, in reply: ClientReply, to handle: RequestHandle) {
        guard let signer, let access = try? SessionClaims.decoded(grant.access),
            let refresh = try? SessionClaims.decoded(grant.refresh)
        else { return }
        let host = self
        loop.makeFutureWithTask {
            var signed = grant
            signed.access = try await signer.token(for: access)
            signed.refresh = try await signer.token(for: refresh)
            return signed
        }.whenComplete { (result: Result<SessionGrant, any Error>) in
            guard !host.isStopping, let connection = host.connections[handle.connection] else {
                return
            }
            var answer = reply
            switch result {
            case .success(let signed): answer.outcome = .called(.session(.granted(signed)))
            case .failure(let error):
                host.logger.error("a token could not be signed", metadata: ["reason": "\(error)"])
                answer = .failed(
                    ServiceError(
                        .storage, "the session is open, but its tokens could not be signed",
                        isIndefinite: true))
            }
            host.write(
                .clientReply,
                Envelope(request: handle.request, due: HostClock.monotonicNow.nanoseconds), answer,
                on: connection)
        }
    }
}
