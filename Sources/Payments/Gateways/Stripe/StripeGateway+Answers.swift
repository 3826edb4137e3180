// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

extension StripeGateway {
    package func outcome(of operation: Operation, answer: GatewayAnswer, currency: Currency) -> Outcome {
        // What cannot be read is a doubt like any other.
        let body = (try? JSON.parse(answer.body)) ?? .null
        switch answer.status {
        case 200..<300: return success(of: operation, body, currency)
        case 429: return .busy
        // A key that was revoked: not carried out, and carried out with the next key (F19).
        case 401: return .busy
        case 402: return declined(body["error"] ?? .null, of: operation)
        case 404 where isLookUp(operation): return .notFound
        case 409: return .unknown(body["error"]?["code"]?.string ?? "conflict")
        case 400..<500: return refused(body["error"] ?? .null, of: operation, status: answer.status, currency)
        default: return .unknown("status \(answer.status)")
        }
    }

    private func isLookUp(_ operation: Operation) -> Bool {
        ["look_up", "continue", "look_up_refund"].contains(operation.name)
    }

    private func success(of operation: Operation, _ body: JSON, _ currency: Currency) -> Outcome {
        switch operation {
        case .refund: return refundEvent(body).map { .refunded($0) } ?? .unknown("an unheard-of refund")
        case .lookUpRefund(let refund): return find(refund, in: body)
        case .submitEvidence: return body["object"]?.string == "dispute" ? .done : .unknown("no dispute")
        case .lookUp, .continueAction:
            guard body["object"]?.string == "search_result" else {
                return read(body, of: operation, currency)
            }
            guard let found = body["data"]?.array?.first else { return .notFound }
            return read(found, of: operation, currency)
        default: return read(body, of: operation, currency)
        }
    }

    private func find(_ refund: RefundID, in list: JSON) -> Outcome {
        guard list["object"]?.string == "list" else { return .unknown("no list") }
        let found = list["data"]?.array?.first { $0["metadata"]?[Self.refundField]?.string == refund.text }
        guard let found else {
            return list["has_more"]?.bool == true ? .unknown("too many refunds") : .notFound
        }
        return refundEvent(found).map { .refunded($0) } ?? .unknown("an unheard-of refund")
    }

    private func read(_ body: JSON, of operation: Operation, _ currency: Currency) -> Outcome {
        guard var fact = fact(in: body) else { return .unknown("an answer nobody understands") }
        if let decline = fact.decline { return .declined(decline) }
        if case .adjust = operation, case .approved(let hold) = fact.event {
            fact.event = .adjusted(hold.amount)
        }
        return .succeeded(fact)
    }

    private func declined(_ error: JSON, of operation: Operation) -> Outcome {
        guard error["type"]?.string == "card_error" || error["code"]?.string != nil else {
            return .unknown("a refusal without a reason")
        }
        return .declined(decline(error))
    }

    /// Our fault, or something that is already so: then what is so counts (payments.md §3.3, footnote 3).
    private func refused(_ error: JSON, of operation: Operation, status: Int, _ currency: Currency) -> Outcome
    {
        let code = error["code"]?.string ?? error["type"]?.string ?? "status \(status)"
        if code == "payment_intent_unexpected_state", let intent = error["payment_intent"],
            let fact = fact(in: intent), isFinal(fact.event)
        {
            return .succeeded(fact)
        }
        if case .refund = operation, code == "charge_already_refunded" { return .rejected(code) }
        return .rejected(code)
    }

    private func isFinal(_ event: Payment.Event) -> Bool {
        switch event {
        case .captured, .voidOk, .expired: true
        default: false
        }
    }

    func refundEvent(_ refund: JSON) -> Refund.Event? {
        guard refund["object"]?.string == "refund" else { return nil }
        switch refund["status"]?.string {
        case "succeeded": return .ok
        case "pending", "requires_action": return .accepted
        case "failed", "canceled": return .decline
        default: return nil
        }
    }
}

// What Stripe's objects say, as facts.
extension StripeGateway {
    /// A Checkout Session or a PaymentIntent as a fact; nil for what is not ours, or says nothing definite.
    func fact(in object: JSON) -> GatewayFact? {
        switch object["object"]?.string {
        case "checkout.session": session(object)
        case "payment_intent": intent(object)
        default: nil
        }
    }

    func payment(of object: JSON) -> PaymentID? {
        object["metadata"]?[Self.paymentField]?.string.flatMap { PaymentID($0) }
    }

    private func session(_ session: JSON) -> GatewayFact? {
        guard let payment = payment(of: session) else { return nil }
        switch session["status"]?.string {
        case "open":
            return GatewayFact(
                payment: payment, event: .action, actionURL: session["url"]?.string,
                reference: session["id"]?.string)
        case "expired": return GatewayFact(payment: payment, event: .voidOk, reference: session["id"]?.string)
        case "complete" where session["mode"]?.string == "setup": return saved(session, payment)
        case "complete": return session["payment_intent"].flatMap { intent($0) }
        default: return nil
        }
    }

    /// A method was left: nothing was charged, and nothing will be of this payment.
    private func saved(_ session: JSON, _ payment: PaymentID) -> GatewayFact? {
        guard let setup = session["setup_intent"], setup["status"]?.string == "succeeded" else { return nil }
        let method = setup["payment_method"]
        guard let token = method?["id"]?.string ?? method?.string else { return nil }
        let currency = session["currency"]?.string.flatMap { Currency(code: $0.uppercased()) } ?? .eur
        var fact = GatewayFact(
            payment: payment, event: .captured(.zero(currency)), reference: setup["id"]?.string)
        fact.saved = SavedMethod(token: token, customer: name(setup["customer"]) ?? name(session["customer"]))
        fact.instrument = method?["card"].map { instrument($0) }
        return fact
    }

    /// An object or its name alone.
    private func name(_ value: JSON?) -> String? { value?["id"]?.string ?? value?.string }

    private func intent(_ intent: JSON) -> GatewayFact? {
        guard let payment = payment(of: intent), let event = event(of: intent) else { return nil }
        var fact = GatewayFact(payment: payment, event: event, reference: intent["id"]?.string)
        fact.actionURL = intent["next_action"]?["redirect_to_url"]?["url"]?.string
        if event == .declined { fact.decline = decline(intent["last_payment_error"] ?? .null) }
        let charge = intent["latest_charge"]
        fact.instrument = charge?["payment_method_details"]?["card"].map { instrument($0) }
        if intent["setup_future_usage"]?.string == "off_session", let token = name(intent["payment_method"]),
            event != .declined
        {
            fact.saved = SavedMethod(token: token, customer: name(intent["customer"]))
        }
        return fact
    }

    private func event(of intent: JSON) -> Payment.Event? {
        guard let currency = intent["currency"]?.string.flatMap({ Currency(code: $0.uppercased()) }) else {
            return nil
        }
        func money(_ name: String) -> Money? {
            intent[name]?.int64.map { Money(minorUnits: $0, currency: currency) }
        }
        switch intent["status"]?.string {
        // On a hosted page the driver may try another card; a decline is final only where nobody is there.
        case "requires_payment_method":
            return intent["metadata"]?[Self.absentField] == nil ? .action : .declined
        case "requires_action", "requires_confirmation": return .action
        case "requires_capture":
            guard let amount = money("amount_capturable") else { return nil }
            return .approved(
                Payment.Authorization(
                    amount: amount, captureBefore: captureBefore(intent), reference: intent["id"]?.string,
                    capabilities: capabilities(of: intent, currency)))
        case "succeeded": return money("amount_received").map { .captured($0) }
        case "canceled":
            // Stripe gave it back by itself: the hold had run out (payments.md §5.2).
            let isByItself = ["automatic", "expired"].contains(intent["cancellation_reason"]?.string)
            return isByItself ? .expired : .voidOk
        default: return nil
        }
    }

    private func card(of intent: JSON) -> JSON? {
        intent["latest_charge"]?["payment_method_details"]?["card"]
    }

    /// Read from the charge, never assumed.
    private func captureBefore(_ intent: JSON) -> Instant? {
        card(of: intent)?["capture_before"]?.int64.map { Instant(seconds: $0) }
    }

    private func capabilities(of intent: JSON, _ currency: Currency) -> Capabilities {
        var capabilities = Capabilities()
        // Ten attempts are allowed, declines included; how many are left Stripe does not say.
        let canIncrement = card(of: intent)?["incremental_authorization"]?["status"]?.string == "available"
        capabilities.incrementsLeft = canIncrement ? 10 : 0
        capabilities.releasesRemainder = true
        capabilities.canRefundPartially = true
        capabilities.canCaptureAgain = true
        capabilities.minimumCharge = ["EUR": 50, "USD": 50, "CHF": 50, "GBP": 30][currency.code]
        return capabilities
    }

    private func instrument(_ card: JSON) -> Instrument {
        var instrument = Instrument(
            kind: "card", brand: card["brand"]?.string, last4: card["last4"]?.string,
            wallet: card["wallet"]?["type"]?.string, fingerprint: card["fingerprint"]?.string)
        if let year = card["exp_year"]?.int64, let month = card["exp_month"]?.int64 {
            instrument.expires = "\(year)-\(month < 10 ? "0" : "")\(month)"
        }
        return instrument
    }

    func decline(_ error: JSON) -> Decline {
        let code = error["decline_code"]?.string ?? error["code"]?.string ?? "declined"
        return Decline(code: code, advice: Self.advice[code] ?? .needsNewMethod)
    }

    package static let advice: [String: Decline.Advice] = [
        "authentication_required": .needsAuthentication, "authentication_not_handled": .needsAuthentication,
        "approve_with_id": .retryLater, "card_declined": .retryLater, "do_not_honor": .retryLater,
        "generic_decline": .retryLater, "issuer_not_available": .retryLater, "processing_error": .retryLater,
        "reenter_transaction": .retryLater, "try_again_later": .retryLater,
        "card_velocity_exceeded": .retryLater, "withdrawal_count_limit_exceeded": .retryLater,
        "fraudulent": .neverRetry, "lost_card": .neverRetry, "merchant_blacklist": .neverRetry,
        "pickup_card": .neverRetry, "restricted_card": .neverRetry, "security_violation": .neverRetry,
        "stolen_card": .neverRetry, "invalid_account": .neverRetry,
        "revocation_of_all_authorizations": .stopRecurring, "revocation_of_authorization": .stopRecurring,
        "stop_payment_order": .stopRecurring, "testmode_decline": .fixConfiguration,
        "live_mode_test_card": .fixConfiguration, "test_mode_live_card": .fixConfiguration,
    ]
}
