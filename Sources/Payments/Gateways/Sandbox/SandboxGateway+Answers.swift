// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

extension SandboxGateway {
    package func outcome(of operation: Operation, answer: GatewayAnswer, currency: Currency) -> Outcome {
        // What cannot be read is a doubt like any other.
        let body = (try? JSON.parse(answer.body)) ?? .null
        switch operation {
        case .refund, .lookUpRefund: return refundOutcome(answer.status, body)
        case .submitEvidence where (200..<300).contains(answer.status): return .done
        default: break
        }
        let isLookUp = operation == .lookUp || operation.name == "continue"
        switch answer.status {
        case 202: return .accepted
        case 200..<300: return read(body, of: operation, currency: currency)
        case 402: return .declined(decline(body))
        case 404: return isLookUp ? .notFound : .rejected("not_found")
        case 409 where body["error"]?.string == "already_done":
            return read(body["payment"] ?? .null, of: operation, currency: currency)
        case 409: return .unknown(body["error"]?.string ?? "conflict")
        case 429: return .busy
        // A key that was revoked: not carried out, and carried out with the next key (F19).
        case 401: return .busy
        case 400..<500: return .rejected(body["error"]?.string ?? "status \(answer.status)")
        default: return .unknown("status \(answer.status)")
        }
    }

    private func refundOutcome(_ status: Int, _ body: JSON) -> Outcome {
        switch (status, body["error"]?.string) {
        case (202, _): return .refunded(.accepted)
        case (200..<300, _):
            return refundEvent(body).map { .refunded($0) } ?? .unknown("an unheard-of status")
        case (409, "already_done"):
            return refundEvent(body["refund"] ?? .null).map { .refunded($0) }
                ?? .unknown("already done, but how?")
        case (404, _): return .notFound
        case (401, _), (429, _): return .busy
        case (409, let error): return .unknown(error ?? "conflict")
        case (400..<500, let error): return .rejected(error ?? "status \(status)")
        default: return .unknown("status \(status)")
        }
    }

    func refundEvent(_ body: JSON) -> Refund.Event? {
        switch body["status"]?.string {
        case "succeeded": .ok
        case "pending": .accepted
        case "failed": .decline
        case "reversed": .reversed
        default: nil
        }
    }

    private func read(_ body: JSON, of operation: Operation, currency: Currency) -> Outcome {
        guard var fact = fact(in: body, currency: currency) else {
            return .unknown("an answer nobody understands")
        }
        if let decline = fact.decline { return .declined(decline) }
        // A hold that was raised shows as approved with its new total.
        if case .adjust = operation, case .approved(let hold) = fact.event {
            fact.event = .adjusted(hold.amount)
        }
        return .succeeded(fact)
    }

    /// A payment as the Sandbox shows it, as a fact; nil for a status nobody has heard of.
    func fact(in body: JSON, currency: Currency) -> GatewayFact? {
        guard let payment = body["reference"]?.string.flatMap({ PaymentID($0) }),
            let event = event(in: body, currency)
        else { return nil }
        var fact = GatewayFact(payment: payment, event: event, reference: body["id"]?.string)
        fact.actionURL = body["action_url"]?.string
        if let card = body["instrument"], let kind = card["kind"]?.string {
            fact.instrument = Instrument(
                kind: kind, brand: card["brand"]?.string, last4: card["last4"]?.string,
                wallet: card["wallet"]?.string, expires: card["expires"]?.string,
                fingerprint: card["fingerprint"]?.string)
        }
        fact.saved = body["method"]?.string.map { SavedMethod(token: $0, customer: body["payer"]?.string) }
        if event == .declined { fact.decline = decline(body) }
        fact.order = order(in: body)
        return fact
    }

    func order(in body: JSON) -> FactOrder? {
        body["updated_at"]?.string.flatMap { Instant(iso8601: $0) }.map {
            FactOrder(occurredAt: $0, sequence: body["sequence"]?.int64 ?? 0)
        }
    }

    private func event(in body: JSON, _ currency: Currency) -> Payment.Event? {
        func money(_ name: String) -> Money? {
            body[name]?.int64.map { Money(minorUnits: $0, currency: currency) }
        }
        switch body["status"]?.string {
        case "requires_action": return .action
        case "declined": return .declined
        case "authorized":
            guard let amount = money("authorized") else { return nil }
            return .approved(
                Payment.Authorization(
                    amount: amount,
                    captureBefore: body["capture_before"]?.string.flatMap { Instant(iso8601: $0) },
                    reference: body["id"]?.string, capabilities: capabilities(in: body)))
        case "captured": return money("captured").map { .captured($0) }
        case "capture_failed": return .capFailed
        case "voided": return .voidOk
        case "expired": return .expired
        default: return nil
        }
    }

    private func capabilities(in body: JSON) -> Capabilities {
        var capabilities = Capabilities()
        guard let stated = body["capabilities"] else { return capabilities }
        capabilities.incrementsLeft = Int(stated["increments_left"]?.int64 ?? 0)
        capabilities.canDecrement = stated["can_decrement"]?.bool ?? false
        capabilities.releasesRemainder = stated["releases_remainder"]?.bool ?? false
        capabilities.canVoidByReference = stated["can_void_by_reference"]?.bool ?? false
        capabilities.canRefundPartially = stated["can_refund_partially"]?.bool ?? false
        capabilities.canCaptureAgain = stated["can_capture_again"]?.bool ?? false
        capabilities.minimumCharge = stated["minimum_charge"]?.int64
        return capabilities
    }

    private func decline(_ body: JSON) -> Decline {
        let code = body["decline_code"]?.string ?? body["error"]?.string ?? "declined"
        return Decline(code: code, advice: Self.advice[code] ?? .needsNewMethod)
    }

    package static let advice: [String: Decline.Advice] = [
        "declined": .retryLater, "insufficient_funds": .needsNewMethod, "stolen": .neverRetry,
        "challenge_failed": .needsAuthentication, "authentication_required": .needsAuthentication,
        "consent_withdrawn": .stopRecurring, "increment_declined": .retryLater,
    ]
}
