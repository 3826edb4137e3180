// SPDX-License-Identifier: Apache-2.0

import Billing
import Payments
import Simulation
import Synchronization

/// The wire between a till and the Sandbox. It can be cut before or after a request, and remembers what went over it.
final class Wire: GatewaySender {
    /// What becomes of a request instead of its answer.
    enum Fate: Sendable {
        /// No byte leaves: no such name, nobody there, no TLS.
        case notSent
        /// It arrives, and the answer is lost.
        case answerLost
        /// Something in between answers with this status, and nothing arrives.
        case refused(Int)
        /// It arrives; before its answer is back something else happens.
        case slow(@Sendable () async -> Void)
    }

    private struct State: Sendable {
        var end: SandboxOffice?
        var fates: [(what: String, fate: Fate)] = []
        var sent: [GatewayRequest] = []
        var goodSecret: String?
    }

    private let state = Mutex(State())

    /// The Sandbox at its other end; the first one stays.
    func connect(to office: SandboxOffice) { state.withLock { $0.end = $0.end ?? office } }

    /// The next request whose address ends so has this fate.
    func expect(_ fate: Fate, for what: String, times: Int = 1) {
        state.withLock { $0.fates += Array(repeating: (what, fate), count: times) }
    }

    /// From now on the gateway knows this secret only.
    func accept(only secret: String) { state.withLock { $0.goodSecret = secret } }

    /// Everything that left, in order.
    var sent: [GatewayRequest] { state.withLock(\.sent) }

    /// Everything that left to addresses that end so.
    func sent(_ what: String) -> [GatewayRequest] { sent.filter { $0.url.hasSuffix(what) } }

    func send(_ request: GatewayRequest) async -> SentAnswer {
        let (end, fate) = state.withLock { state -> (SandboxOffice?, Fate?) in
            let place = state.fates.firstIndex { request.url.hasSuffix($0.what) }
            let fate = place.map { state.fates.remove(at: $0).fate }
            if case .notSent = fate { return (state.end, fate) }
            state.sent.append(request)
            let isKnown = state.goodSecret.map { request.headers["Authorization"] == "Bearer \($0)" } ?? true
            return (state.end, isKnown ? fate : .refused(401))
        }
        guard let end else { return .notSent }
        switch fate {
        case nil: return await end.send(request)
        case .notSent: return .notSent
        case .refused(let status): return .answered(GatewayAnswer(status: status, body: []))
        case .answerLost:
            _ = await end.send(request)
            return .lost
        case .slow(let meanwhile):
            let answer = await end.send(request)
            await meanwhile()
            return answer
        }
    }

    func crashPoint(_ moment: String) async {}
}
