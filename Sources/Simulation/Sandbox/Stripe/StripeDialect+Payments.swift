// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

extension StripeDialect {
    mutating func carryOut(_ parts: [String], books: some SandboxBooks) throws -> Response {
        switch (parts.first, parts.count) {
        case ("checkout", 2) where parts[1] == "sessions": return try openSession(books)
        case ("checkout", 4) where parts[3] == "expire": return try expireSession(parts[2], books)
        case ("payment_intents", 1): return try createIntent(books)
        case ("payment_intents", 3): return try change(parts[1], parts[2], books)
        case ("refunds", 1): return try refund(books)
        case ("customers", 1): return try createCustomer(books)
        case ("disputes", 2): return try answerDispute(parts[1], books)
        default: return Self.error(404, "invalid_request_error", nil, "Unrecognized request URL")
        }
    }

    private func amount(_ name: String) -> Int64? {
        form[name].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    // MARK: hosted pages

    private mutating func openSession(_ books: some SandboxBooks) throws -> Response {
        let isSetUp = form["mode"] == "setup"
        guard isSetUp || form["mode"] == "payment" else { return Self.invalid("mode", "Invalid mode") }
        guard let back = form["success_url"], SandboxDesk.isPage(back) else {
            return Self.invalid("success_url", "Missing required param: success_url")
        }
        var total: Int64 = 0
        var code = "eur"
        for index in 0..<20 where !isSetUp {
            let item = "line_items[\(index)]"
            guard let price = amount("\(item)[price_data][unit_amount]") else { break }
            let (sum, isTooMuch) = total.addingReportingOverflow(price)
            guard !isTooMuch, amount("\(item)[quantity]") == 1 else {
                return Self.invalid("line_items", "Here a line item has the quantity 1")
            }
            total = sum
            code = form["\(item)[price_data][currency]"] ?? code
        }
        guard isSetUp || total > 0 else {
            return Self.invalid("line_items", "Missing required param: line_items")
        }
        guard let currency = Currency(code: code.uppercased()) else {
            return Self.invalid("currency", "Invalid currency: \(code)")
        }
        let session = try newName("cs_test", books: books)
        var payment = SandboxPayment(
            reference: try newName(isSetUp ? "seti" : "pi", books: books), account: account, amount: total,
            currency: currency.code, returnURL: back,
            description: form["line_items[0][price_data][product_data][name]"] ?? "")
        payment.isSetUp = isSetUp
        payment.capturesAtOnce = form["payment_intent_data[capture_method]"] != "manual"
        payment.savesMethod = isSetUp || form["payment_intent_data[setup_future_usage]"] == "off_session"
        let prefix = isSetUp ? "setup_intent_data" : "payment_intent_data"
        payment.payer = try customer(isSetUp || form["customer_creation"] == "always", books)
        payment.stripe = .present([
            "session": .string(session), "metadata": fields(under: "\(prefix)[metadata]"),
            "session_metadata": fields(under: "metadata"),
            "client_reference_id": form["client_reference_id"].map { .string($0) },
            "cancel_url": form["cancel_url"].map { .string($0) },
        ])
        try books.save("stripe_session", session, payment.reference)
        _ = try withDesk { try $0.open(&payment, books: books) }
        return .json(200, self.session(payment))
    }

    private func customer(_ isWanted: Bool, _ books: some SandboxBooks) throws -> String? {
        if let known = form["customer"] { return known }
        guard isWanted else { return nil }
        let name = try newName("cus", books: books)
        try books.save("stripe_customer", name, "{}")
        return name
    }

    private mutating func expireSession(_ id: String, _ books: some SandboxBooks) throws -> Response {
        guard var payment = try payment(ofSession: id, books) else {
            return Self.missing("checkout.session", id)
        }
        guard payment.status == "requires_action" else {
            return Self.error(
                400, "invalid_request_error", nil,
                "Only Checkout Sessions with a status in [\"open\"] can be expired.")
        }
        try withDesk { try $0.become("voided", &payment, books: books) }
        return .json(200, session(payment))
    }

    // MARK: PaymentIntents

    private mutating func createIntent(_ books: some SandboxBooks) throws -> Response {
        guard let amount = amount("amount") else {
            return Self.invalid("amount", "Missing required param: amount")
        }
        guard let currency = form["currency"].flatMap({ Currency(code: $0.uppercased()) }) else {
            return Self.invalid("currency", "Missing required param: currency")
        }
        var payment = SandboxPayment(
            reference: try newName("pi", books: books), account: account, amount: amount,
            currency: currency.code, returnURL: form["return_url"] ?? "",
            description: form["description"] ?? "")
        payment.capturesAtOnce = form["capture_method"] != "manual"
        payment.isOffSession = form["off_session"] == "true"
        payment.savesMethod = form["setup_future_usage"] == "off_session"
        payment.payer = form["customer"]
        payment.stripe = ["metadata": fields(under: "metadata")]
        payment.createdAt = now
        payment.updatedAt = now
        payment.method = form["payment_method"]
        try sandbox.save(payment, books)
        guard form["confirm"] == "true" else { return .json(200, intent(payment)) }
        return try confirm(&payment, books)
    }

    private mutating func confirm(_ payment: inout SandboxPayment, _ books: some SandboxBooks) throws
        -> Response
    {
        guard payment.status == "requires_action", payment.instrument == nil || payment.declineCode != nil
        else {
            return unexpected(payment)
        }
        guard let token = form["payment_method"] ?? payment.method,
            let instrument = try Self.instrument(named: token) ?? desk.method(token, books)?.instrument
        else { return Self.missing("PaymentMethod", form["payment_method"] ?? payment.method ?? "") }
        payment.method = token
        payment.declineCode = nil
        if instrument.hasPrefix("challenge_"), !payment.isOffSession {
            payment.instrument = instrument
            payment.isChallenged = true
            try sandbox.save(payment, books)
            return .json(200, intent(payment))
        }
        try withDesk { try $0.approve(&payment, with: instrument, books: books) }
        guard payment.declineCode != nil else { return .json(200, intent(payment)) }
        return declined(payment)
    }

    private mutating func change(_ id: String, _ verb: String, _ books: some SandboxBooks) throws -> Response
    {
        guard var payment = try payment(named: id, books) else { return Self.missing("payment_intent", id) }
        switch verb {
        case "confirm": return try confirm(&payment, books)
        case "capture":
            guard payment.status == "authorized" else { return unexpected(payment) }
            let wanted = amount("amount_to_capture") ?? payment.authorized
            guard wanted <= payment.authorized else {
                return Self.error(
                    400, "invalid_request_error", "amount_too_large",
                    "The requested capture amount is greater than the remaining amount you can capture.")
            }
            _ = try withDesk { try $0.capture(&payment, wanted, books: books) }
        case "cancel":
            guard ["authorized", "requires_action"].contains(payment.status) else {
                return unexpected(payment)
            }
            _ = try withDesk { try $0.void(&payment, books: books) }
        case "increment_authorization":
            guard payment.status == "authorized" else { return unexpected(payment) }
            let total = amount("amount") ?? 0
            let done = try withDesk { try $0.adjust(&payment, total, books: books) }
            if done.status == 402 { return declined(payment, code: "card_declined") }
            guard done.status == 200 else {
                return Self.error(
                    400, "invalid_request_error", "payment_intent_increment_authorization_not_allowed",
                    "This PaymentIntent cannot be incremented, or not to this amount.")
            }
        default: return Self.error(404, "invalid_request_error", nil, "Unrecognized request URL")
        }
        return .json(200, intent(payment))
    }

    private func unexpected(_ payment: SandboxPayment) -> Response {
        Self.error(
            400, "invalid_request_error", "payment_intent_unexpected_state",
            "This PaymentIntent has a status that does not allow this.", [("payment_intent", intent(payment))]
        )
    }

    private func declined(_ payment: SandboxPayment, code: String? = nil) -> Response {
        Self.error(
            402, "card_error", code ?? Self.code(of: payment.declineCode), "The card was declined.",
            [
                ("decline_code", .string(Self.reason(payment.declineCode))),
                ("payment_intent", intent(payment)),
            ])
    }

    // MARK: refunds, customers, disputes

    private mutating func refund(_ books: some SandboxBooks) throws -> Response {
        guard let id = form["payment_intent"], var payment = try payment(named: id, books) else {
            return Self.missing("payment_intent", form["payment_intent"] ?? "")
        }
        let left = payment.captured - payment.refunded
        let wanted = amount("amount") ?? left
        guard payment.status == "captured", left > 0 else {
            return Self.error(
                400, "invalid_request_error", "charge_already_refunded", "Charge has already been refunded.")
        }
        let name = try newName("re", books: books)
        try books.save("stripe_refund", name, fields(under: "metadata").text())
        let body: JSON = ["refund": .string(name), "amount": JSON(wanted)]
        let done = try withDesk { try $0.refund(&payment, body, books: books) }
        guard done.status == 200, let refund = try SandboxRefund.find(name, books: books) else {
            let isDisputed = try SandboxDispute.open(of: payment.reference, books: books) != nil
            return Self.error(
                400, "invalid_request_error", isDisputed ? "charge_disputed" : "amount_too_large",
                "Refund amount is greater than unrefunded amount on charge.")
        }
        return .json(200, try self.refund(refund, books))
    }

    private mutating func createCustomer(_ books: some SandboxBooks) throws -> Response {
        let name = try newName("cus", books: books)
        try books.save("stripe_customer", name, fields(under: "metadata").text())
        return .json(200, customer(name))
    }

    private mutating func answerDispute(_ id: String, _ books: some SandboxBooks) throws -> Response {
        guard let dispute = try SandboxDispute.find(id, books: books),
            let payment = try payment(named: dispute.reference, books)
        else { return Self.missing("dispute", id) }
        guard form["submit"] == "true" else { return .json(200, self.dispute(dispute)) }
        let text = form["evidence[uncategorized_text]"] ?? form["evidence[product_description]"] ?? ""
        let call = SandboxCall(parts: ["disputes", id, "evidence"], body: ["account": .string(text)])
        let done = try withDesk { try $0.carryOut(call, books: books) }
        guard done.status == 200, let now = try SandboxDispute.find(id, books: books), payment.captured > 0
        else {
            return Self.error(
                400, "invalid_request_error", nil, "This dispute is already closed or evidence was submitted."
            )
        }
        return .json(200, self.dispute(now))
    }

    // MARK: rows

    func payment(named id: String, _ books: some SandboxBooks) throws -> SandboxPayment? {
        guard let payment = try desk.payment(id, books), payment.stripe != .null else { return nil }
        return payment
    }

    func payment(ofSession id: String, _ books: some SandboxBooks) throws -> SandboxPayment? {
        try books.object("stripe_session", id).flatMap { try payment(named: $0, books) }
    }
}
