// SPDX-License-Identifier: Apache-2.0

import JSONText
import Payments
import Quantities
import Testing

/// The Stripe adapter against localstripe, which somebody else wrote: what our requests do there, and what we make of its
/// answers, compared with what it then says by itself.
///
/// A smoke test. localstripe has no Checkout Sessions, no increments, no disputes and no search, lists nothing by time, does
/// not ask for authentication of a card that is charged off session, ignores idempotency keys, captures what was cancelled and
/// refunds more than was captured: none of that can be tested with it. What it refuses of our fields and does not tell
/// is listed in `Tests/Peers/gateways/local_stripe.py`.
@Suite(
    "Stripe adapter and localstripe", .enabled(if: GatewayPeer.isThere, GatewayPeer.need),
    .timeLimit(.minutes(1)))
struct LocalStripeTests {
    private let gateway = StripeGateway()

    @Test("a hold is captured in part, and part of that is refunded")
    func captureAndRefund() async throws {
        let stripe = try await LocalStripe()
        var order = order("pm_card_visa")

        let held = try fact(try await ask(.chargeOffSession(.eur(40_00)), order, at: stripe))
        guard case .approved(let hold) = held.event else {
            Issue.record("\(held)")
            return
        }
        #expect(hold.amount == .eur(40_00))
        #expect(held.payment == order.payment)
        order.reference = held.reference
        let path = "/v1/payment_intents/\(try #require(held.reference))"
        #expect(try await stripe.look(path)["status"]?.string == "requires_capture")
        #expect(try await stripe.look(path)["latest_charge"]?["captured"]?.bool == false)

        let taken = try fact(try await ask(.capture(.eur(18_37)), order, at: stripe))
        #expect(taken.event == .captured(.eur(18_37)))
        let charge = try #require(try await stripe.look(path)["latest_charge"])
        #expect(charge["captured"]?.bool == true)
        // 40.00 − 18.37: localstripe tells what was not taken as given back.
        #expect(charge["amount_refunded"]?.int64 == 21_63)

        let refund = RefundID(at: Instant(seconds: 1_795_000_000), random: 7)
        #expect(try await ask(.refund(refund, .eur(5_00)), order, at: stripe) == .refunded(.ok))
        let refunds = try await stripe.look("/v1/refunds?payment_intent=\(held.reference ?? "")")
        let ours = refunds["data"]?.array?.first { $0["metadata"]?["amptill_refund"]?.string == refund.text }
        #expect(ours?["amount"]?.int64 == 5_00)
        #expect(ours?["payment_intent"]?.string == held.reference)

        #expect(try await ask(.lookUpRefund(refund), order, at: stripe) == .refunded(.ok))
        let other = RefundID(at: Instant(seconds: 1_795_000_000), random: 8)
        #expect(try await ask(.lookUpRefund(other), order, at: stripe) == .notFound)
        #expect(try fact(try await ask(.lookUp, order, at: stripe)).event == .captured(.eur(18_37)))
    }

    @Test("a hold is given back whole")
    func cancel() async throws {
        let stripe = try await LocalStripe()
        var order = order("pm_card_visa")
        order.reference = try fact(try await ask(.chargeOffSession(.eur(25_00)), order, at: stripe)).reference

        let given = try fact(try await ask(.void, order, at: stripe))

        #expect(given.event == .voidOk)
        let path = "/v1/payment_intents/\(try #require(order.reference))"
        #expect(try await stripe.look(path)["status"]?.string == "canceled")
        #expect(try fact(try await ask(.lookUp, order, at: stripe)).event == .voidOk)
    }

    @Test("what is wanted at once is captured with the approval")
    func atOnce() async throws {
        let stripe = try await LocalStripe()
        var order = order("pm_card_visa")
        order.capturesAtOnce = true

        let paid = try fact(try await ask(.chargeOffSession(.eur(4_30)), order, at: stripe))

        #expect(paid.event == .captured(.eur(4_30)))
        let lines = try await stripe.look("/v1/balance_transactions")
        #expect(lines["data"]?.array?.map { $0["amount"]?.int64 } == [4_30])
    }

    @Test("a card that is refused is a decline with its reason, and nothing was charged")
    func declined() async throws {
        let stripe = try await LocalStripe()

        let outcome = try await ask(
            .chargeOffSession(.eur(40_00)), order("pm_card_chargeCustomerFail"), at: stripe)

        #expect(outcome == .declined(Decline(code: "card_declined", advice: .retryLater)))
        #expect(try await stripe.look("/v1/balance_transactions")["data"]?.array?.isEmpty == true)
    }

    @Test("what is not there is not found, and a key that is none is refused")
    func strangers() async throws {
        let stripe = try await LocalStripe()
        var order = order("pm_card_visa")
        order.reference = "pi_nothing"

        #expect(try await ask(.lookUp, order, at: stripe) == .notFound)
        #expect(try await ask(.lookUp, order, at: stripe, secret: "none") == .busy)
    }

    private func order(_ card: String) -> PaymentOrder {
        let payment = PaymentID(at: Instant(seconds: 1_795_000_000), random: 1)
        var order = PaymentOrder(
            payment: payment, idempotencyKey: "amp1-\(payment)-charge_off_session-1", reference: nil,
            returnURL: "https://charge.example/back", description: "Harbour")
        order.method = SavedMethod(token: card)
        return order
    }

    /// Through the adapter there and back; the network between is real.
    private func ask(
        _ operation: Payments.Operation, _ order: PaymentOrder, at stripe: LocalStripe,
        secret: String = "sk_test_amptill"
    ) async throws -> Outcome {
        let account = GatewayAccountID(at: Instant(seconds: 1_795_000_000), random: 1)
        let context = AccountContext(account: account, baseURL: stripe.url, secret: secret)
        let request = try gateway.request(for: operation, of: order, in: context)
        return gateway.outcome(of: operation, answer: try await stripe.send(request), currency: .eur)
    }

    private func fact(_ outcome: Outcome) throws -> GatewayFact {
        guard case .succeeded(let fact) = outcome else { throw LocalStripe.Trouble(why: "\(outcome)") }
        return fact
    }
}
