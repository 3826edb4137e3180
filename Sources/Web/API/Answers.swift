// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Hummingbird
import JSONText
import NIOCore
import Payments
import Quantities
import Storage
import Tariffs

/// The one place where errors of the inside become problems of the API. What it does not know is `internal`, and its
/// words stay in the log.
enum Answers {
    /// The problem that an error is outside.
    static func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as StoreError: store(error)
        case let refusal as AdministrationRefusal: administration(refusal)
        case let refusal as CheckoutRefusal: checkout(refusal)
        case let refusal as QuoteRefusal: quote(refusal)
        case GatewayAccountRefusal.testOnly:
            Problem(.testOnly, "A live organisation moves real money: no Sandbox, and no key for tests.")
        case GatewayAccountRefusal.liveOnly:
            Problem(.liveOnly, "A test organisation never has a key that moves real money.", at: "/secret")
        case is SessionRefusal: .notFound("session")
        case let refusal as SendMail.Refusal: mail(refusal)
        case let refusal as CreditWallet.Refusal: credit(refusal)
        case let refusal as Bill.Refusal:
            Problem(
                .invalidState, "The bill is \(refusal.state.rawValue).",
                extras: ["state": .string(refusal.state.rawValue)])
        case let error as TariffError: tariff(error)
        case is NIOTooManyBytesError: Problem(.bodyTooLarge, "A body has at most 1 MiB.")
        case let error as any HTTPResponseError: http(error)
        default: Problem(.internal, "The request failed. The request id helps to find out why.")
        }
    }

    private static func mail(_ refusal: SendMail.Refusal) -> Problem {
        switch refusal {
        case .notConfigured: Problem(.mailNotConfigured, "This installation was given no mail server.")
        case .noAddress: Problem(.missingField, "No address is known for this document.", at: "/email")
        case .badAddress: .invalidField("/email", "This is no address that a mail server takes.")
        }
    }

    private static func store(_ error: StoreError) -> Problem {
        switch error {
        case .busy, .unavailable, .outcomeUnknown, .databaseLocked:
            Problem(.storageUnavailable, "Nothing was lost. Send the request again.", retryAfterSeconds: 1)
        case .conflict:
            Problem(.storageUnavailable, "Too many wanted the same at once.", retryAfterSeconds: 1)
        case .staleVersion: Problem(.versionConflict, "Somebody else changed it meanwhile. Read it again.")
        case .uniqueViolation(let constraint) where constraint.hasPrefix("station("):
            .invalidField("/ocpp_identity", "A station of this installation has this identity already.")
        case .uniqueViolation(let constraint) where constraint.hasPrefix("token("):
            Problem(.tokenAlreadyBound, "A token with this UID exists.")
        case .uniqueViolation, .checkViolation, .foreignKeyViolation, .newerSchema, .wrongKey, .noKey,
            .damagedSecret, .failed:
            Problem(.internal, "The request failed. The request id helps to find out why.")
        }
    }

    private static func administration(_ refusal: AdministrationRefusal) -> Problem {
        switch refusal {
        case .notFound(let what): .notFound(what)
        case .versionConflict(let current):
            Problem(
                .versionConflict, "It has version \(current) now. Read it again.",
                extras: ["version": JSON(current)])
        case .invalid(let field, let why): .invalidField(JSONPointer(text: field), why)
        case .invalidState(let state, let allowed): invalidState(state, allowed)
        case .tokenAlreadyBound: Problem(.tokenAlreadyBound, "A token with this UID exists.")
        case .tariffHasErrors(let findings):
            Problem(
                .tariffHasErrors, findings.first?.message ?? "The tariff has errors.",
                extras: ["findings": .array(findings.map(\.json))])
        case .currencyMismatch(let given, let wanted):
            .currencyMismatch(given, wanted)
        case .amountTooLarge(let maximum): Problem(.amountTooLarge, "At most \(maximum) at once.")
        }
    }

    private static func checkout(_ refusal: CheckoutRefusal) -> Problem {
        switch refusal {
        case .unknownEVSE: Problem(.unknownEVSE, "No EVSE has this code.")
        case .evseOccupied(let since):
            Problem(
                .evseOccupied, "In use since \(since.iso8601).", extras: ["since": .string(since.iso8601)])
        case .evseUnavailable(let status):
            Problem(
                .evseUnavailable, "The EVSE is \(status.rawValue).",
                extras: ["evse_status": .string(status.rawValue)])
        case .unknownCheckout: .notFound("checkout")
        case .quoteExpired: Problem(.quoteExpired, "Open a new checkout and accept its price.")
        case .priceChanged(let hash):
            Problem(
                .priceChanged, "Another price was accepted than the one quoted.", at: "/accept_quote",
                extras: ["quote_hash": .string(hash)])
        case .invalidState(let state, let allowed): invalidState(state, allowed)
        case .retryWindowOver(let end):
            Problem(
                .retryWindowOver, "Since \(end.iso8601) the hold is being released. Open a new checkout.")
        case .stationOffline: Problem(.stationOffline, "The station has no connection at the moment.")
        case .noGateway: Problem(.gatewayUnavailable, "The organisation has no payment gateway.")
        case .returnURLNotAllowed:
            Problem(
                .returnURLNotAllowed, "Addresses must be on the organisation's list.", at: "/return_url")
        }
    }

    private static func quote(_ refusal: QuoteRefusal) -> Problem {
        switch refusal {
        case .noTariff:
            Problem(.evseUnavailable, "Nobody published a price for this EVSE, so it cannot be started.")
        case .currencyMismatch(let given, let wanted):
            .currencyMismatch(given, wanted, at: "/limit/currency")
        case .limitTooSmall(let minimum):
            Problem(
                .amountTooSmall, "The limit must be at least \(minimum).", at: "/limit/amount",
                extras: ["minimum": minimum.json])
        }
    }

    private static func credit(_ refusal: CreditWallet.Refusal) -> Problem {
        switch refusal {
        case .unknownWallet: .notFound("wallet")
        case .currencyMismatch(let given, let wanted):
            .currencyMismatch(given, wanted, at: "/amount/currency")
        case .notPositive:
            Problem(.amountTooSmall, "The amount must be more than zero.", at: "/amount/amount")
        }
    }

    private static func tariff(_ error: TariffError) -> Problem {
        let finding = Finding(error.code.rawValue, .error, at: error.path, error.message)
        return Problem(
            .tariffHasErrors, error.message, at: JSONPointer(text: error.path),
            extras: ["findings": .array([finding.json])])
    }

    private static func invalidState(_ state: String, _ allowed: [String]) -> Problem {
        Problem(
            .invalidState, "It is \(state).",
            extras: ["state": .string(state), "allowed": .array(allowed.map(JSON.string))])
    }

    private static func http(_ error: any HTTPResponseError) -> Problem {
        switch error.status.code {
        case 404, 405: .notFound("page")
        case 413: Problem(.bodyTooLarge, "A body has at most 1 MiB.")
        case 415: Problem(.unsupportedMediaType, "Send application/json.")
        case 400: Problem(.malformedJSON, "The request cannot be read.")
        default: Problem(.internal, "The request failed. The request id helps to find out why.")
        }
    }
}

extension Finding {
    /// As the API shows it.
    var json: JSON {
        [
            "code": .string(code), "severity": .string(severity.rawValue), "path": .string(path),
            "message": .string(message),
        ]
    }
}
