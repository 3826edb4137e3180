// SPDX-License-Identifier: Apache-2.0

import JSONText
import Quantities

/// What can be read of a merchant's books in Stripe's shape.
extension StripeDialect {
    func show(_ parts: [String], books: some SandboxBooks) throws -> Response {
        switch (parts.first, parts.count) {
        case ("payment_intents", 1): return list(try intents(books), at: "payment_intents")
        case ("payment_intents", 2) where parts[1] == "search": return try search(books)
        case ("balance_transactions", 1): return list(try lines(books), at: "balance_transactions")
        case ("balance", 1): return try balance(books)
        case ("payouts", 1):
            return list(try objects("payout", books).map { payout($0) }, at: "payouts")
        case ("refunds", 1): return list(try refunds(books), at: "refunds")
        case ("disputes", 1):
            return list(
                try objects("dispute", books).compactMap { SandboxDispute($0) }.map { dispute($0) },
                at: "disputes")
        case (_, 2), ("checkout", 3): return try one(parts, books)
        default: return Self.error(404, "invalid_request_error", nil, "Unrecognized request URL")
        }
    }

    private func one(_ parts: [String], _ books: some SandboxBooks) throws -> Response {
        let id = parts[parts.count - 1]
        let kind = parts[0] == "checkout" ? "checkout.session" : String(parts[0].dropLast())
        var object: JSON?
        switch kind {
        case "checkout.session": object = try payment(ofSession: id, books).map { session($0) }
        case "payment_intent": object = try payment(named: id, books).map { intent($0) }
        case "setup_intent": object = try payment(named: id, books).map { setUpIntent($0) }
        case "charge": object = try payment(named: "pi_" + id.dropFirst(3), books).map { charge($0) }
        case "refund":
            if let found = try SandboxRefund.find(id, books: books),
                try payment(named: found.reference, books) != nil
            {
                object = try refund(found, books)
            }
        case "dispute":
            if let found = try SandboxDispute.find(id, books: books),
                try payment(named: found.reference, books) != nil
            {
                object = dispute(found)
            }
        case "customer": object = try books.object("stripe_customer", id).map { _ in customer(id) }
        case "payment_method":
            let method = try desk.method(id, books)
            let instrument = Self.instrument(named: id) ?? method?.instrument
            object = instrument.map { self.method(id, $0, payer: method?.payer) }
        default: return Self.error(404, "invalid_request_error", nil, "Unrecognized request URL")
        }
        return object.map { .json(200, $0) } ?? Self.missing(kind, id)
    }

    /// Newest first, from after a named one, at most so many.
    private func list(_ items: [JSON], at path: String) -> Response {
        let limit = max(1, min(100, form["limit"].flatMap { Int($0) } ?? 10))
        var rest = items[...]
        if let after = form["starting_after"] {
            rest = rest.drop { $0["id"]?.string != after }.dropFirst()
        }
        if let since = form["created[gte]"].flatMap({ Int64($0) }) {
            rest = rest.filter { ($0["created"]?.int64 ?? 0) >= since }[...]
        }
        return .json(
            200,
            [
                "object": "list", "url": .string("/v1/\(path)"), "data": .array(Array(rest.prefix(limit))),
                "has_more": .bool(rest.count > limit),
            ])
    }

    private func objects(_ kind: String, _ books: some SandboxBooks) throws -> [JSON] {
        // The Sandbox's own texts.
        try books.objects(kind).compactMap { try? JSON.parse(Array($0.body.utf8)) }.filter { item in
            guard let reference = item["reference"]?.string else { return true }
            return try payment(named: reference, books) != nil
        }.reversed()
    }

    private func payments(_ books: some SandboxBooks) throws -> [SandboxPayment] {
        try books.objects("payment").compactMap { SandboxPayment(stored: $0.body) }.filter {
            $0.stripe != .null && $0.account == account && !$0.isSetUp
        }.sorted { ($0.createdAt ?? .epoch, $0.reference) > ($1.createdAt ?? .epoch, $1.reference) }
    }

    /// A PaymentIntent of a page exists once somebody has paid there.
    private func intents(_ books: some SandboxBooks) throws -> [JSON] {
        try payments(books).filter { $0.stripe["session"] == nil || $0.instrument != nil }.map { intent($0) }
    }

    /// The one query that is understood: `metadata["name"]:"value"`.
    private func search(_ books: some SandboxBooks) throws -> Response {
        let words = (form["query"] ?? "").split(whereSeparator: { "\"'".contains($0) }).map(String.init)
        guard words.count >= 4, words[0] == "metadata[", words[2] == "]:" else {
            return Self.invalid("query", "Only metadata[\"name\"]:\"value\" is understood here")
        }
        let found = try intents(books).filter { $0["metadata"]?[words[1]]?.string == words[3] }
        return .json(
            200,
            [
                "object": "search_result", "url": "/v1/payment_intents/search", "data": .array(found),
                "has_more": false, "next_page": .null,
            ])
    }

    private func refunds(_ books: some SandboxBooks) throws -> [JSON] {
        try objects("refund", books).compactMap { item in
            guard let name = item["refund"]?.string, let found = try SandboxRefund.find(name, books: books),
                form["payment_intent"].map({ $0 == found.reference }) ?? true
            else { return nil }
            return try refund(found, books)
        }
    }

    private func balance(_ books: some SandboxBooks) throws -> Response {
        let sums = try SandboxLedger(account: account, now: now).balance(books).sorted { $0.key < $1.key }
        return .json(
            200,
            [
                "object": "balance", "livemode": false, "pending": [],
                "available": .array(
                    sums.map {
                        [
                            "currency": .string($0.key.lowercased()), "amount": JSON($0.value),
                            "source_types": [:],
                        ]
                    }),
            ])
    }

    private func lines(_ books: some SandboxBooks) throws -> [JSON] {
        // The Sandbox's own texts.
        try books.objects("line \(account)").reversed().compactMap { try? JSON.parse(Array($0.body.utf8)) }
            .map { try line($0, books) }
    }

    private func line(_ line: JSON, _ books: some SandboxBooks) throws -> JSON {
        let types = ["capture": "charge", "refund": "refund", "payout": "payout"]
        let kind = line["kind"]?.string ?? ""
        let reference = line["reference"]?.string ?? ""
        let payment = try line["payment"]?.string.flatMap { try self.payment(named: $0, books) }
        var source: JSON = .string(reference)
        if expand.contains("data.source") {
            switch kind {
            case "capture": source = payment.map { charge($0) } ?? source
            case "refund":
                source =
                    try SandboxRefund.find(reference, books: books).map { try refund($0, books) } ?? source
            case "payout": source = ["id": .string(reference), "object": "payout"]
            default:
                source = [
                    "id": .string(reference), "object": "dispute",
                    "payment_intent": payment.map { .string($0.reference) } ?? .null,
                ]
            }
        }
        let time = line["occurred_at"]?.string.flatMap { Instant(iso8601: $0) }
        return [
            "id": .string("txn_" + (line["id"]?.string ?? "").dropFirst(4)), "object": "balance_transaction",
            "amount": line["gross"] ?? 0, "fee": line["fee"] ?? 0, "net": line["net"] ?? 0,
            "currency": .string((line["currency"]?.string ?? "EUR").lowercased()), "created": Self.time(time),
            "available_on": Self.time(time.map { $0 + .hours(48) }),
            "type": .string(types[kind] ?? "adjustment"),
            "reporting_category": .string(kind == "capture" ? "charge" : kind), "status": "available",
            "source": source, "description": .null,
        ]
    }
}
