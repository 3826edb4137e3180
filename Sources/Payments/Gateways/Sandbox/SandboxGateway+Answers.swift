// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

extension SandboxGateway {
    package func outcome(of operation: Operation, answer: GatewayAnswer, currency: Currency) -> Outcome {
        // What cannot be read is a doubt like any other.
        let body = (try? JSON.parse(answer.body)) ?? .null
        switch answer.status {
        case 202: return .accepted
        case 200..<300: return read(body, currency: currency)
        case 402: return .declined(decline(body))
        case 404: return operation == .lookUp ? .notFound : .rejected("not_found")
        case 409 where body["error"]?.string == "already_done":
            return read(body["payment"] ?? .null, currency: currency)
        case 409: return .unknown(body["error"]?.string ?? "conflict")
        case 429: return .busy
        case 400..<500: return .rejected(body["error"]?.string ?? "status \(answer.status)")
        default: return .unknown("status \(answer.status)")
        }
    }

    private func read(_ body: JSON, currency: Currency) -> Outcome {
        guard let fact = fact(in: body, currency: currency) else {
            return .unknown("an answer nobody understands")
        }
        if let decline = fact.decline { return .declined(decline) }
        return .succeeded(fact)
    }

    /// A payment as the Sandbox shows it, as a fact; nil for a status nobody has heard of.
    func fact(in body: JSON, currency: Currency) -> GatewayFact? {
        guard let payment = body["reference"]?.string.flatMap({ PaymentID($0) }),
            let event = event(in: body, currency)
        else { return nil }
        var fact = GatewayFact(payment: payment, event: event, reference: body["id"]?.string)
        fact.actionURL = body["action_url"]?.string
        if let card = body["instrument"], card["kind"]?.string != nil {
            fact.instrument = Instrument(
                kind: "card", brand: card["brand"]?.string, last4: card["last4"]?.string,
                wallet: card["wallet"]?.string)
        }
        if event == .declined { fact.decline = decline(body) }
        fact.order = body["updated_at"]?.string.flatMap { Instant(iso8601: $0) }.map {
            FactOrder(occurredAt: $0, sequence: body["sequence"]?.int64 ?? 0)
        }
        return fact
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

    private static let advice: [String: Decline.Advice] = [
        "declined": .retryLater, "insufficient_funds": .needsNewMethod, "stolen": .neverRetry,
        "challenge_failed": .needsAuthentication,
    ]
}
