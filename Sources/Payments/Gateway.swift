// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A payment service provider, as a pure codec: what to ask becomes an HTTP value, an HTTP answer becomes an outcome, a
/// webhook becomes news (payments.md §5.1). Nothing here sends anything, reads a clock or draws a number.
package protocol Gateway: Sendable {
    /// The kind of gateway account it speaks for, e.g. `sandbox`.
    var kind: String { get }
    /// Where it is spoken to, unless the gateway account says otherwise; empty for the Sandbox on our own server.
    var usualBaseURL: String { get }
    /// The request of an operation. The same attempt gives the same bytes, always (I16).
    func request(for operation: Operation, of order: PaymentOrder, in context: AccountContext)
        throws(RequestRefusal) -> GatewayRequest
    /// What an answer means. Total: what is unheard of becomes a doubt, never a guess.
    func outcome(of operation: Operation, answer: GatewayAnswer, currency: Currency) -> Outcome

    /// The news of a webhook, after its signature was checked over the raw bytes.
    func facts(in delivery: WebhookDelivery, secrets: [WebhookSecret], at now: Instant) throws(Rejection)
        -> [GatewayNews]
    /// The source's own name of a delivery, by which repeats are known; it need not be signed.
    func eventID(of delivery: WebhookDelivery) -> String
    /// What of a webhook is covered by its signature; every other field is a hint and decides nothing.
    var signedFields: SignedFields { get }
    /// The same delivery with other bytes, as our own: what must not be kept was taken out after its signature was
    /// checked, and the rest shall still be believed when it is worked on.
    func resealed(_ delivery: WebhookDelivery, body: [UInt8], secret: WebhookSecret, at now: Instant)
        -> WebhookDelivery
    /// What a delivery is answered with, besides 200.
    var acknowledgement: String { get }
    /// How long after `accepted` the fact may take; from then on it is a doubt.
    func promise(for operation: Operation) -> Elapsed

    /// Asks for the settlement lines since then; a page names the place where the next request goes on. Lines are
    /// known by their names, so that a span may be read again. Nil: there is nothing to ask for, a report announces
    /// itself (`GatewayNews.report`) and its address is the cursor.
    func settlementRequest(since: Instant, after cursor: String?, in context: AccountContext)
        -> GatewayRequest?
    /// The lines of one answer.
    func settlementLines(in answer: GatewayAnswer) throws(SettlementFinding) -> SettlementPage
    /// Asks for the balance that the gateway reports; nil if it tells none.
    func balanceRequest(in context: AccountContext) -> GatewayRequest?
    /// What it says is there, available and pending together, one amount per currency.
    func balance(in answer: GatewayAnswer) throws(SettlementFinding) -> [Money]
    /// Asks for the payments that changed since then; recovers webhooks that were lost (F28). Nil: it has no such list.
    func listing(since: Instant, after cursor: String?, in context: AccountContext) -> GatewayRequest?
    /// What that list tells, and where it goes on.
    func listed(in answer: GatewayAnswer) throws(SettlementFinding) -> ListedPayments
}

extension Gateway {
    package var acknowledgement: String { "ok" }
    package func resealed(
        _ delivery: WebhookDelivery, body: [UInt8], secret: WebhookSecret, at now: Instant
    ) -> WebhookDelivery { WebhookDelivery(headers: delivery.headers, body: body) }
    package func promise(for operation: Operation) -> Elapsed { .minutes(15) }
}

/// What can be asked of a gateway.
package enum Operation: Hashable, Sendable, Codable {
    /// A hosted page on which the driver approves a hold; with `capturesAtOnce`, a payment.
    case authorize(Money)
    /// The driver is back from the gateway's page: what became of it? The text is what the page gave the browser.
    case continueAction(String)
    /// Raise (or lower) a hold to this new total, never by it. A look-up afterwards tells the hold as `.approved` with
    /// the total that stands.
    case adjust(Money)
    case capture(Money)
    case void
    /// Give a hold back of which only our own reference is known.
    case voidByReference
    /// Give back part of a capture, once per name of the refund.
    case refund(RefundID, Money)
    /// Tell what became of a refund.
    case lookUpRefund(RefundID)
    /// A hosted page on which the driver leaves a method for later; the payment's amount is zero.
    case setUp
    /// The driver is absent: a hold, or with `capturesAtOnce` a payment, on a stored method.
    case chargeOffSession(Money)
    /// Tell what you know about this payment, by our reference.
    case lookUp
    /// Close a hosted page on which nobody has paid.
    case expireCheckout
    /// Answer a dispute, named by the gateway. It cannot be taken back.
    case submitEvidence(String, Evidence)

    /// The word in keys and rows.
    package var name: String {
        switch self {
        case .authorize: "authorize"
        case .continueAction: "continue"
        case .adjust: "adjust"
        case .capture: "capture"
        case .void: "void"
        case .voidByReference: "void_by_reference"
        case .refund: "refund"
        case .lookUpRefund: "look_up_refund"
        case .setUp: "set_up"
        case .chargeOffSession: "charge_off_session"
        case .lookUp: "look_up"
        case .expireCheckout: "expire_checkout"
        case .submitEvidence: "submit_evidence"
        }
    }
}

/// What a request needs to know of a payment. Everything in it comes from stored rows, so that a repeated request has
/// the same bytes.
package struct PaymentOrder: Hashable, Sendable {
    package var payment: PaymentID
    package var idempotencyKey: String
    /// The gateway's name for it, once known.
    package var reference: String?
    /// Where the driver comes back to.
    package var returnURL: String
    /// What the driver's statement says, e.g. the site's name.
    package var description: String
    /// What is held, as last confirmed; gateways that want a difference subtract it.
    package var authorized: Money?
    /// Take the money with the approval, in one call: top-ups, remainders and debts.
    package var capturesAtOnce = false
    /// The driver ticked the box: the method is kept for later charges without them.
    package var savesMethod = false
    /// What is charged while the driver is absent.
    package var method: SavedMethod?
    /// Who the saved methods belong to, by our own name: an account's id.
    package var payer: String?
    /// The language of the hosted page, e.g. `de`.
    package var language: String?
    /// What the platform keeps of a capture made for a connected account.
    package var applicationFee: Money?

    package init(
        payment: PaymentID, idempotencyKey: String, reference: String?, returnURL: String, description: String
    ) {
        self.payment = payment
        self.idempotencyKey = idempotencyKey
        self.reference = reference
        self.returnURL = returnURL
        self.description = description
    }
}

/// Why a request cannot be built; nothing was sent.
package enum RequestRefusal: Error, Hashable, Sendable {
    /// The gateway's own name of the payment is needed and not known yet.
    case referenceMissing(String)
    /// Nothing is stored that could be charged.
    case methodMissing
    /// A new total must be above what is held where the gateway cannot lower a hold.
    case adjustNotAbove(held: Money, wanted: Money)
    /// This gateway has no such call.
    case notOffered(String)
    /// The gateway account lacks something, e.g. the name of the merchant account.
    case contextIncomplete(String)
}

/// Which account at the gateway, and how to speak to it. Fixed when a payment is made (I28).
package struct AccountContext: Hashable, Sendable {
    package var account: GatewayAccountID
    package var baseURL: String
    package var secret: String
    /// The account at the gateway for which ours acts: Stripe's connected account, Adyen's merchant account.
    package var connectedAccount: String?

    package init(account: GatewayAccountID, baseURL: String, secret: String, connectedAccount: String? = nil)
    {
        self.account = account
        self.baseURL = baseURL
        self.secret = secret
        self.connectedAccount = connectedAccount
    }
}

/// A request that is ready to leave.
package struct GatewayRequest: Hashable, Sendable, Codable {
    package var method: String
    package var url: String
    package var headers: [String: String]
    package var body: [UInt8]
    /// The whole call, seconds.
    package var timeoutSeconds: Int64

    package init(
        method: String, url: String, headers: [String: String], body: [UInt8], timeoutSeconds: Int64 = 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
    }
}

/// What came back.
package struct GatewayAnswer: Hashable, Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
