// SPDX-License-Identifier: Apache-2.0

import JSONText
package import Quantities

extension AdyenGateway {
    package func outcome(of operation: Operation, answer: GatewayAnswer, currency: Currency) -> Outcome {
        // What cannot be read is a doubt like any other.
        let body = (try? JSON.parse(answer.body)) ?? .null
        switch answer.status {
        case 200..<300: return success(of: operation, body, currency)
        case 429: return .busy
        // A key that was revoked: not carried out, and carried out with the next key (F19).
        case 401: return .busy
        // Another request with this key is being worked on.
        case 400..<500 where body["errorCode"]?.string == "704": return .unknown("key in use")
        case 400..<500: return .rejected(body["errorCode"]?.string ?? "status \(answer.status)")
        default: return .unknown("status \(answer.status)")
        }
    }

    private func success(of operation: Operation, _ body: JSON, _ currency: Currency) -> Outcome {
        switch operation {
        case .authorize, .setUp: return page(body)
        case .chargeOffSession: return charge(body, currency)
        case .continueAction: return finished(body)
        case .refund: return body["status"]?.string == "received" ? .refunded(.accepted) : Self.unheard
        case .adjust, .capture, .void, .voidByReference:
            return body["status"]?.string == "received" ? .accepted : Self.unheard
        case .lookUp, .lookUpRefund, .expireCheckout, .submitEvidence: return Self.unheard
        }
    }

    private static let unheard = Outcome.unknown("an unheard-of answer")

    private func page(_ body: JSON) -> Outcome {
        guard let payment = payment(of: body["reference"]), let url = body["url"]?.string,
            let session = body["id"]?.string
        else { return Self.unheard }
        return .succeeded(GatewayFact(payment: payment, event: .action, actionURL: url, reference: session))
    }

    /// The page was left. Money is told by webhook only; a page that came to nothing is over.
    private func finished(_ body: JSON) -> Outcome {
        switch body["status"]?.string {
        case "completed", "paymentPending", "active": .accepted
        case "canceled": .declined(OwnDecline.cancelled.decline)
        case "refused": .declined(Decline(code: "refused", advice: .needsNewMethod))
        case "expired": .declined(Decline(code: "expired", advice: .needsNewMethod))
        default: Self.unheard
        }
    }

    private func charge(_ body: JSON, _ currency: Currency) -> Outcome {
        let reference = body["pspReference"]?.string
        switch body["resultCode"]?.string {
        case "Authorised":
            guard let payment = payment(of: body["merchantReference"]), let reference,
                let amount = money(body["amount"])
            else { return Self.unheard }
            return .succeeded(
                GatewayFact(
                    payment: payment, event: .approved(authorization(amount, reference)), reference: reference
                ))
        case "Refused", "Cancelled", "Error": return .declined(decline(body))
        case "RedirectShopper", "ChallengeShopper", "IdentifyShopper":
            return .declined(Decline(code: "authentication_required", advice: .needsAuthentication))
        case "Pending", "Received": return .accepted
        default: return Self.unheard
        }
    }

    /// Adyen does not say until when a hold may be captured, nor how often it may be raised.
    func authorization(_ amount: Money, _ reference: String) -> Payment.Authorization {
        var capabilities = Capabilities()
        capabilities.incrementsLeft = 8
        capabilities.canVoidByReference = true
        capabilities.canRefundPartially = true
        capabilities.releasesRemainder = true
        return Payment.Authorization(amount: amount, reference: reference, capabilities: capabilities)
    }

    func payment(of text: JSON?) -> PaymentID? { text?.string.flatMap { PaymentID($0) } }

    func money(_ amount: JSON?) -> Money? {
        guard let value = amount?["value"]?.int64,
            let currency = amount?["currency"]?.string.flatMap({ Currency(code: $0) })
        else { return nil }
        return Money(minorUnits: value, currency: currency)
    }

    private func decline(_ body: JSON) -> Decline {
        let code = body["refusalReasonCode"]?.string ?? "refused"
        return Decline(code: code, advice: Self.advice[code] ?? .retryLater)
    }

    /// By Adyen's refusal reason code.
    package static let advice: [String: Decline.Advice] = [
        "3": .needsNewMethod, "4": .retryLater, "5": .neverRetry, "6": .needsNewMethod, "7": .needsNewMethod,
        "8": .needsNewMethod, "9": .retryLater, "11": .needsAuthentication, "12": .needsNewMethod,
        "14": .neverRetry, "15": .needsNewMethod, "16": .needsNewMethod, "17": .needsNewMethod,
        "18": .needsNewMethod, "20": .neverRetry, "22": .neverRetry, "23": .neverRetry, "24": .needsNewMethod,
        "25": .neverRetry, "26": .stopRecurring, "27": .retryLater, "29": .needsAuthentication,
        "31": .neverRetry, "38": .needsAuthentication, "39": .stopRecurring, "42": .needsAuthentication,
        "46": .needsNewMethod,
    ]
}
