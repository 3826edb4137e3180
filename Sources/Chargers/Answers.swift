// SPDX-License-Identifier: Apache-2.0
package import Charging
package import JSONText
package import OCPP
package import Quantities

/// What `Billing` answered, in the words of a version. Everything a station hears about its own calls is made here.
package enum Answers {
    /// The payload of the answer to a call of that name.
    package static func payload(
        _ answer: StationAnswer, to action: String, in version: OCPPVersion, at now: Instant
    ) -> JSON {
        switch answer {
        case .received: return .object([])
        case .boot(let decision, let intervalSeconds):
            return V16.BootNotification.answer(
                RegistrationStatus(decision), atNanoseconds: now.nanoseconds, intervalSeconds: intervalSeconds
            )
        case .token(let token):
            return version == .v16
                ? V16.Authorize.answer(V16.IDTagInfo(token)) : V201.Authorize.answer(V201.IDTokenInfo(token))
        case .transaction(let transaction):
            return payload(transaction, to: action, in: version)
        }
    }

    private static func payload(
        _ answer: TransactionAnswer, to action: String, in version: OCPPVersion
    ) -> JSON {
        switch action {
        case V16.StartTransaction.action:
            // 1.6 §6.46 always wants a word about the token; without a token nobody may charge.
            let info = answer.token.map { V16.IDTagInfo($0) } ?? V16.IDTagInfo(.invalid)
            return V16.StartTransaction.answer(transaction: answer.number, info)
        case V16.StopTransaction.action:
            return V16.StopTransaction.answer(answer.token.map { V16.IDTagInfo($0) })
        case V201.TransactionEvent.action where version != .v16:
            return V201.TransactionEvent.answer(
                totalCost: answer.cost?.decimal, answer.token.map { V201.IDTokenInfo($0) })
        default: return .object([])
        }
    }

    /// The error for a failure of our own before anything was stored: the station keeps its message (C45).
    package static func notStored(_ call: Conversation.Call, in version: OCPPVersion) -> Frame {
        .callError(call.id, Frame.Failure(.internalError, in: version, "The message could not be stored"))
    }
}

extension RegistrationStatus {
    init(_ decision: BootDecision) {
        self =
            switch decision {
            case .accepted: .accepted
            case .pending: .pending
            case .rejected: .rejected
            }
    }
}

extension V16.IDTagInfo {
    /// A group is known to a station by its last 20 characters, the most that 1.6 has room for. They are random.
    init(_ token: TokenAnswer) {
        self.init(
            V16.AuthorizationStatus(token.status), expiresAtNanoseconds: token.expiresAt?.nanoseconds,
            parentIDTag: token.group.map { String($0.suffix(20)) })
    }
}

extension V16.AuthorizationStatus {
    /// 1.6 has no word for an empty balance; blocked is what it comes to (charging.md §10).
    init(_ status: TokenStatus) {
        self =
            switch status {
            case .accepted: .accepted
            case .blocked, .noCredit: .blocked
            case .expired: .expired
            case .invalid: .invalid
            case .concurrent: .concurrentTx
            }
    }
}

extension V201.IDTokenInfo {
    init(_ token: TokenAnswer) {
        self.init(
            V201.AuthorizationStatus(token.status), expiresAtNanoseconds: token.expiresAt?.nanoseconds,
            group: token.group.map { V201.IDToken($0, type: "Central") })
    }
}

extension V201.AuthorizationStatus {
    init(_ status: TokenStatus) {
        self =
            switch status {
            case .accepted: .accepted
            case .blocked: .blocked
            case .expired: .expired
            case .invalid: .invalid
            case .concurrent: .concurrentTx
            case .noCredit: .noCredit
            }
    }
}
