// SPDX-License-Identifier: Apache-2.0

import JSONText
import Payments
import Quantities
import Testing

/// The Adyen adapter: everything is taken now and told by webhook, and only what is signed is believed (payments.md §5.2).
/// The bodies follow Adyen's public description of its API and webhooks.
@Suite("Adyen adapter")
struct AdyenGatewayTests {
    @Test("holds are pre-authorisations that are captured by a call of their own")
    func holds() throws {
        for operation: Payments.Operation in [.authorize(.eur(40_00)), .chargeOffSession(.eur(40_00))] {
            let body = try JSON.parse(gateway.request(for: operation, of: order, in: context).body)
            #expect(body["additionalData"]?["authorisationType"]?.string == "PreAuth")
            #expect(body["additionalData"]?["manualCapture"]?.string == "true")
            #expect(body["merchantAccount"]?.string == "TillECOM")
            #expect(body["amount"]?["value"]?.int64 == 4000)
        }
        let absent = try JSON.parse(
            gateway.request(for: .chargeOffSession(.eur(4_30)), of: order, in: context).body)
        #expect(absent["shopperInteraction"]?.string == "ContAuth")
        #expect(absent["recurringProcessingModel"]?.string == "UnscheduledCardOnFile")
        var nobody = context
        nobody.connectedAccount = nil
        #expect(throws: RequestRefusal.contextIncomplete("merchant account")) {
            try gateway.request(for: .void, of: order, in: nobody)
        }
    }

    @Test("before anybody has paid a payment is cancelled by our reference")
    func cancels() throws {
        var page = order
        page.reference = "CS12345"
        for (wanted, path) in [(order, "/v71/payments/PSP1/cancels"), (page, "/v71/cancels")] {
            #expect(try gateway.request(for: .void, of: wanted, in: context).url.hasSuffix(path))
        }
        let body = try JSON.parse(gateway.request(for: .voidByReference, of: page, in: context).body)
        #expect(body["paymentReference"]?.string == payment.text)
        #expect(throws: RequestRefusal.referenceMissing("pspReference")) {
            try gateway.request(for: .capture(.eur(1)), of: page, in: context)
        }
        #expect(throws: RequestRefusal.notOffered("look_up")) {
            try gateway.request(for: .lookUp, of: order, in: context)
        }
    }

    @Test("modifications are accepted, and nothing more")
    func accepted() {
        let received = #"{"status":"received","pspReference":"MOD1","paymentPspReference":"PSP1"}"#
        for operation: Payments.Operation in [
            .capture(.eur(1)), .void, .voidByReference, .adjust(.eur(60_00)),
        ] {
            #expect(read(operation, received, 201) == .accepted)
        }
        #expect(
            read(.refund(RefundID(at: .epoch, random: 3), .eur(1)), received, 201) == .refunded(.accepted))
        #expect(gateway.promise(for: .capture(.eur(1))) == .hours(24))
        #expect(read(.capture(.eur(1)), #"{"status":422,"errorCode":"704"}"#, 422) == .unknown("key in use"))
        #expect(read(.capture(.eur(1)), #"{"status":422,"errorCode":"167"}"#, 422) == .rejected("167"))
    }

    @Test("a charge off session is approved, declined or wants the driver")
    func charges() {
        let approved =
            #"{"resultCode":"Authorised","pspReference":"PSP1","merchantReference":"\#(payment)","amount":{"value":430,"currency":"EUR"}}"#
        guard case .succeeded(let fact) = read(.chargeOffSession(.eur(4_30)), approved, 200),
            case .approved(let hold) = fact.event
        else {
            Issue.record("not approved")
            return
        }
        #expect(hold.amount == .eur(4_30))
        #expect(fact.reference == "PSP1")
        #expect(
            read(.chargeOffSession(.eur(4_30)), #"{"resultCode":"Refused","refusalReasonCode":"5"}"#, 200)
                == .declined(Decline(code: "5", advice: .neverRetry)))
        #expect(
            read(.chargeOffSession(.eur(4_30)), #"{"resultCode":"RedirectShopper"}"#, 200)
                == .declined(Decline(code: "authentication_required", advice: .needsAuthentication)))
        #expect(read(.chargeOffSession(.eur(4_30)), #"{"resultCode":"Pending"}"#, 200) == .accepted)
        #expect(
            read(.chargeOffSession(.eur(4_30)), #"{"resultCode":"Frobnicated"}"#, 200)
                == .unknown("an unheard-of answer"))
    }

    @Test(
        "every item of a webhook means what its table says",
        arguments: [
            ("AUTHORISATION", "true", Payment.Column.approved), ("CAPTURE", "true", .captured),
            ("CAPTURE", "false", .capFailed),
            ("CAPTURE_FAILED", "true", .capFailed), ("CANCELLATION", "true", .voidOk),
            ("CANCELLATION", "false", .voidRefused),
            ("TECHNICAL_CANCEL", "true", .voidOk), ("CANCEL_OR_REFUND", "true", .voidOk),
            ("AUTHORISATION_ADJUSTMENT", "true", .adjusted),
            ("AUTHORISATION_ADJUSTMENT", "false", .adjDeclined),
            ("EXPIRE", "true", .expired),
        ])
    func items(code: String, success: String, column: Payment.Column) throws {
        let news = try facts([item(code, success)])
        #expect(news.map(\.id) == ["PSP2/\(code)/\(success)"])
        #expect(news.first?.payment?.event.column == column)
        #expect(news.first?.payment?.payment == payment)
        #expect(news.first?.payment?.reference == "PSP1")
    }

    @Test("refunds and disputes are told of their own objects")
    func others() throws {
        let refund = RefundID(at: .epoch, random: 3)
        for (code, success, event) in [
            ("REFUND", "true", Refund.Event.ok), ("REFUND", "false", .decline),
            ("REFUND_FAILED", "true", .decline),
            ("REFUNDED_REVERSED", "true", .reversed),
        ] {
            guard
                case .refund(let fact) = try facts([item(code, success, reference: refund.text)]).first?.about
            else {
                Issue.record("\(code)")
                continue
            }
            #expect(fact.refund == refund)
            #expect(fact.event == event)
        }
        for (code, event) in [
            ("NOTIFICATION_OF_CHARGEBACK", Dispute.Event.inquiry), ("REQUEST_FOR_INFORMATION", .inquiry),
            ("CHARGEBACK", .opened),
            ("SECOND_CHARGEBACK", .opened), ("CHARGEBACK_REVERSED", .won),
        ] {
            guard case .dispute(let fact) = try facts([item(code, "true")]).first?.about else {
                Issue.record("\(code)")
                continue
            }
            #expect(fact.event == event)
            #expect(fact.payment == payment)
        }
        #expect(try facts([item("REPORT_AVAILABLE", "true")]).map(\.about) == [.report("PSP2")])
        #expect(try facts([item("OFFER_CLOSED", "true")]) == [])
    }

    @Test("F30: one bad item does not reject the batch, and what is not signed is not used")
    func batch() throws {
        var tampered = item("CAPTURE", "true", amount: 1837)
        tampered = tampered.replacing(#""value":1837"#, with: #""value":9999"#)
        let unsigned = #"{"NotificationRequestItem":{"eventCode":"EXPIRE","success":"true"}}"#
        let good = item("CAPTURE", "true", amount: 500).replacing(
            #""eventDate":"2026-09-21T14:13:20+02:00""#,
            with: #""eventDate":"1970-01-01T00:00:00Z","reason":"ignore me""#)
        let news = try facts([tampered, unsigned, good])
        #expect(news.map(\.payment?.event) == [.captured(.eur(5_00))])
        #expect(throws: Rejection.badSignature) { try facts([tampered]) }
        #expect(throws: Rejection.unsigned) { try facts([unsigned]) }
        #expect(throws: Rejection.unsigned) { try facts([]) }
        #expect(throws: Rejection.badSignature) { try facts([good], secret: "00ff") }
        #expect(throws: Rejection.badSignature) { try facts([good], secret: "no hex") }
        #expect(try facts([good], secret: Self.key, also: "00ff").count == 1)
    }

    @Test("F21: the same items have the same names in every delivery")
    func names() {
        let one = delivery([item("CAPTURE", "true")])
        #expect(gateway.eventID(of: one) == "PSP2/CAPTURE/true")
        let two = delivery([item("CAPTURE", "true"), item("EXPIRE", "true")])
        #expect(gateway.eventID(of: two) == gateway.eventID(of: two))
        #expect(gateway.eventID(of: two) != gateway.eventID(of: one))
        #expect(gateway.acknowledgement == "[accepted]")
    }

    @Test(
        "signatures are those of Adyen's own library, both ways",
        .enabled(if: GatewayPeer.isThere, GatewayPeer.need))
    func signatures() async throws {
        let body = String(decoding: delivery([item("CAPTURE", "true", amount: 1837)]).body, as: UTF8.self)
        let plain = try JSON.parse(body)["notificationItems"]?[0]?["NotificationRequestItem"] ?? .null
        let wishes: [JSON] = [
            ["do": "adyen-verify", "body": .string(body), "secret": .string(Self.key)],
            [
                "do": "adyen-verify", "body": .string(body.replacing("1837", with: "1838")),
                "secret": .string(Self.key),
            ],
            ["do": "adyen-sign", "item": plain, "secret": .string(Self.key)],
        ]
        let answers = try await GatewayPeer.run("signatures.py", wishes).lines
        #expect(answers.prefix(2) == ["ok", "refused"])
        #expect(answers.last == plain["additionalData"]?["hmacSignature"]?.string)
    }

    @Test("the settlement details report becomes lines that add up")
    func report() throws {
        let head =
            "Company Account,Merchant Account,Psp Reference,Merchant Reference,Creation Date,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number"
        let rows = """
            Till,TillECOM,PSP1,\(payment),2026-09-21 14:13:20,Settled,MOD1,EUR,,18.37,EUR,,17.84,,0.21,0.10,0.22,7
            Till,TillECOM,PSP1,\(payment),2026-09-22 10:00:00,Refunded,MOD2,EUR,5.00,,EUR,5.00,,,,,,7
            Till,TillECOM,,"a, b",2026-09-23 00:00:00,MerchantPayout,,EUR,,,EUR,12.84,,,,,,7
            """
        let page = try gateway.settlementLines(
            in: GatewayAnswer(status: 200, body: Array((head + "\n" + rows + "\n").utf8)))
        #expect(page.lines.map(\.kind) == [.capture, .refund, .payout])
        #expect(page.lines.map(\.net) == [.eur(17_84), .eur(-5_00), .eur(-12_84)])
        #expect(page.lines.map(\.fee) == [.eur(53), .eur(0), .eur(0)])
        #expect(page.lines.first?.payment == payment)
        #expect(page.lines.last?.payout == "batch 7")
        #expect(Set(page.lines.map(\.line)).count == 3)
        let wrong = rows.replacing("17.84", with: "17.85")
        #expect(throws: SettlementFinding.self) {
            try gateway.settlementLines(
                in: GatewayAnswer(status: 200, body: Array((head + "\n" + wrong).utf8)))
        }
    }

    // MARK: what the tests say

    private static let key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
    private let gateway = AdyenGateway()
    private let payment = PaymentID(at: .epoch, random: 1)
    private let context = AccountContext(
        account: GatewayAccountID(at: .epoch, random: 2), baseURL: "https://checkout-test.adyen.com",
        secret: "key_1",
        connectedAccount: "TillECOM")

    private var order: PaymentOrder {
        var order = PaymentOrder(
            payment: payment, idempotencyKey: "amp1-x-1", reference: "PSP1",
            returnURL: "https://till.example/s/1",
            description: "Harbour")
        order.authorized = .eur(40_00)
        order.method = SavedMethod(token: "stored_1", customer: "acc_1")
        return order
    }

    private func read(_ operation: Payments.Operation, _ body: String, _ status: Int) -> Outcome {
        gateway.outcome(
            of: operation, answer: GatewayAnswer(status: status, body: Array(body.utf8)), currency: .eur)
    }

    /// One item as Adyen sends it, signed.
    private func item(_ code: String, _ success: String, reference: String? = nil, amount: Int64 = 1837)
        -> String
    {
        let reference = reference ?? payment.text
        let original = code == "AUTHORISATION" ? "PSP1" : "PSP1"
        let fields = ["PSP2", original, "TillECOM", reference, String(amount), "EUR", code, success]
        let signature = AdyenGateway.signature(of: fields, secret: WebhookSecret(Self.key)) ?? ""
        return
            #"{"NotificationRequestItem":{"additionalData":{"hmacSignature":"\#(signature)"},"amount":{"currency":"EUR","value":\#(amount)},"eventCode":"\#(code)","eventDate":"2026-09-21T14:13:20+02:00","merchantAccountCode":"TillECOM","merchantReference":"\#(reference)","originalReference":"\#(original)","pspReference":"PSP2","success":"\#(success)"}}"#
    }

    private func delivery(_ items: [String]) -> WebhookDelivery {
        WebhookDelivery(
            headers: [:],
            body: Array(#"{"live":"false","notificationItems":[\#(items.joined(separator: ","))]}"#.utf8))
    }

    private func facts(_ items: [String], secret: String = Self.key, also: String? = nil) throws
        -> [GatewayNews]
    {
        try gateway.facts(
            in: delivery(items), secrets: [also, secret].compactMap { $0.map { WebhookSecret($0) } },
            at: Instant(seconds: 1_790_000_000))
    }
}
