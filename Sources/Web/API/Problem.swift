// SPDX-License-Identifier: Apache-2.0
package import JSONText
import Quantities

/// A refusal as RFC 9457 writes it. Code and status never change; `detail` is for people.
package struct Problem: Error, Sendable, Hashable {
    /// What went wrong, for programs.
    package let code: Code
    /// What went wrong, for people; never internals.
    package let detail: String
    /// The place in the body as JSON Pointer, or `?name` for a query parameter.
    package let place: JSONPointer?
    /// What else this code carries, e.g. `needed` of `scope_missing`.
    package var extras: [JSON.Member]
    /// When it is worth trying again, in seconds; becomes `Retry-After`.
    package var retryAfterSeconds: Int64?

    package init(
        _ code: Code, _ detail: String, at place: JSONPointer? = nil,
        extras: KeyValuePairs<String, JSON> = [:],
        retryAfterSeconds: Int64? = nil
    ) {
        self.code = code
        self.detail = detail
        self.place = place
        self.extras = extras.map { JSON.Member($0.key, $0.value) }
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// A field whose value cannot be.
    package static func invalidField(_ place: JSONPointer, _ detail: String) -> Problem {
        Problem(.invalidField, detail, at: place)
    }

    /// An amount in another currency than the one that is meant.
    static func currencyMismatch(_ given: Currency, _ wanted: Currency, at place: JSONPointer? = nil)
        -> Problem
    {
        Problem(.currencyMismatch, "\(given) was sent where \(wanted) is meant.", at: place)
    }

    /// No such object, or one of somebody else: nobody may learn which.
    package static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "There is no such \(what).")
    }

    /// The body of the answer.
    package func json(instance: String, request: String) -> JSON {
        let members: [JSON.Member] = [
            .init("type", .string("/problems/\(code.rawValue)")), .init("title", .string(code.title)),
            .init("status", JSON(code.status)), .init("detail", .string(detail)),
            .init("instance", .string(instance)), .init("code", .string(code.rawValue)),
            .init("param", place.map { .string($0.text) } ?? .null),
            .init("retryable", .bool(code.isRetryable)), .init("request_id", .string(request)),
        ]
        return .object(members + extras)
    }
}

extension Problem {
    /// The codes of api.md §4.
    package enum Code: String, CaseIterable, Sendable {
        case malformedJSON = "malformed_json"
        case unknownField = "unknown_field"
        case missingField = "missing_field"
        case invalidField = "invalid_field"
        case idempotencyKeyRequired = "idempotency_key_required"
        case invalidCursor = "invalid_cursor"
        case unsupportedVersion = "unsupported_version"
        case unauthenticated
        case keyRevoked = "key_revoked"
        case keyExpired = "key_expired"
        case badSignature = "bad_signature"
        case scopeMissing = "scope_missing"
        case limitOfKeyExceeded = "limit_of_key_exceeded"
        case ipNotAllowed = "ip_not_allowed"
        case liveOnly = "live_only"
        case testOnly = "test_only"
        case paymentDeclined = "payment_declined"
        case preAuthorizationFailed = "pre_authorization_failed"
        case authenticationRequired = "authentication_required"
        case outstandingDebt = "outstanding_debt"
        case insufficientBalance = "insufficient_balance"
        case creditLimitReached = "credit_limit_reached"
        case reloadCapReached = "reload_cap_reached"
        case notFound = "not_found"
        case unknownEVSE = "unknown_evse"
        case invalidState = "invalid_state"
        case evseOccupied = "evse_occupied"
        case evseUnavailable = "evse_unavailable"
        case stationOffline = "station_offline"
        case alreadyCharging = "already_charging"
        case quoteExpired = "quote_expired"
        case priceChanged = "price_changed"
        case billingDataRequired = "billing_data_required"
        case idempotencyInProgress = "idempotency_in_progress"
        case paymentInDoubt = "payment_in_doubt"
        case disputeOpen = "dispute_open"
        case periodClosed = "period_closed"
        case periodNotReady = "period_not_ready"
        case tokenAlreadyBound = "token_already_bound"
        case retryWindowOver = "retry_window_over"
        case mailNotConfigured = "mail_not_configured"
        case versionConflict = "version_conflict"
        case ifMatchRequired = "if_match_required"
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case idempotencyKeyReused = "idempotency_key_reused"
        case currencyMismatch = "currency_mismatch"
        case amountTooSmall = "amount_too_small"
        case amountTooLarge = "amount_too_large"
        case captureExceedsHold = "capture_exceeds_hold"
        case refundExceedsCaptured = "refund_exceeds_captured"
        case adjustNotSupported = "adjust_not_supported"
        case unbalanced
        case tariffHasErrors = "tariff_has_errors"
        case cardNumberInRequest = "card_number_in_request"
        case returnURLNotAllowed = "return_url_not_allowed"
        case rateLimited = "rate_limited"
        case `internal`
        case gatewayUnavailable = "gateway_unavailable"
        case storageUnavailable = "storage_unavailable"
        case readOnlyMode = "read_only_mode"
    }
}

extension Problem.Code {
    /// The HTTP status (api.md §4, first column).
    package var status: Int {
        switch self {
        case .malformedJSON, .unknownField, .missingField, .invalidField, .idempotencyKeyRequired,
            .invalidCursor,
            .unsupportedVersion:
            400
        case .unauthenticated, .keyRevoked, .keyExpired, .badSignature: 401
        case .paymentDeclined, .preAuthorizationFailed, .authenticationRequired, .outstandingDebt,
            .insufficientBalance, .creditLimitReached, .reloadCapReached:
            402
        case .scopeMissing, .limitOfKeyExceeded, .ipNotAllowed, .liveOnly, .testOnly: 403
        case .notFound, .unknownEVSE: 404
        case .invalidState, .evseOccupied, .evseUnavailable, .stationOffline, .alreadyCharging, .quoteExpired,
            .priceChanged, .billingDataRequired, .idempotencyInProgress, .paymentInDoubt, .disputeOpen,
            .periodClosed, .periodNotReady, .tokenAlreadyBound, .retryWindowOver, .mailNotConfigured:
            409
        case .versionConflict: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .idempotencyKeyReused, .currencyMismatch, .amountTooSmall, .amountTooLarge, .captureExceedsHold,
            .refundExceedsCaptured, .adjustNotSupported, .unbalanced, .tariffHasErrors, .cardNumberInRequest,
            .returnURLNotAllowed:
            422
        case .ifMatchRequired: 428
        case .rateLimited: 429
        case .internal: 500
        case .gatewayUnavailable, .storageUnavailable, .readOnlyMode: 503
        }
    }

    /// Whether the same request with the same key may be sent again and may then succeed.
    package var isRetryable: Bool {
        switch self {
        case .idempotencyInProgress, .rateLimited, .internal, .gatewayUnavailable, .storageUnavailable,
            .readOnlyMode:
            true
        default: false
        }
    }

    /// A short sentence that never changes.
    package var title: String { Self.titles[self] ?? rawValue }

    private static let titles: [Problem.Code: String] = [
        .malformedJSON: "The body is no JSON", .unknownField: "A field is unknown",
        .missingField: "A field is missing", .invalidField: "A field has a value that cannot be",
        .idempotencyKeyRequired: "This request needs an Idempotency-Key",
        .invalidCursor: "The cursor is not one of ours", .unsupportedVersion: "This version is not supported",
        .unauthenticated: "A valid credential is needed", .keyRevoked: "The key was revoked",
        .keyExpired: "The key has expired", .badSignature: "The signature does not fit",
        .scopeMissing: "The credential may not do this", .limitOfKeyExceeded: "The key's limit is exceeded",
        .ipNotAllowed: "The key may not be used from this address",
        .liveOnly: "Only for live organisations", .testOnly: "Only for test organisations",
        .paymentDeclined: "The payment was declined", .preAuthorizationFailed: "The hold was not approved",
        .authenticationRequired: "The driver must confirm the payment",
        .outstandingDebt: "An earlier session is unpaid", .insufficientBalance: "The balance is too small",
        .creditLimitReached: "The credit limit is reached", .reloadCapReached: "The reload cap is reached",
        .notFound: "Not found", .unknownEVSE: "No EVSE has this code",
        .invalidState: "Not possible in this state", .evseOccupied: "The EVSE is in use",
        .evseUnavailable: "The EVSE is out of order", .stationOffline: "The station is offline",
        .alreadyCharging: "Already charging", .quoteExpired: "The quote has expired",
        .priceChanged: "The price has changed", .billingDataRequired: "Billing data are needed",
        .idempotencyInProgress: "The first request is still running",
        .paymentInDoubt: "The outcome of a payment is not known yet", .disputeOpen: "A dispute is open",
        .periodClosed: "The period is closed", .periodNotReady: "The period cannot be closed yet",
        .tokenAlreadyBound: "The token belongs to somebody else",
        .retryWindowOver: "It is too late to try again", .mailNotConfigured: "No mail is sent from here",
        .versionConflict: "Somebody else changed it meanwhile",
        .ifMatchRequired: "If-Match is needed", .bodyTooLarge: "The body is too large",
        .unsupportedMediaType: "This media type is not supported",
        .idempotencyKeyReused: "The Idempotency-Key was used for another request",
        .currencyMismatch: "The currencies do not match", .amountTooSmall: "The amount is too small",
        .amountTooLarge: "The amount is too large", .captureExceedsHold: "The capture exceeds the hold",
        .refundExceedsCaptured: "The refund exceeds what was captured",
        .adjustNotSupported: "The hold cannot be adjusted", .unbalanced: "The entries do not balance",
        .tariffHasErrors: "The tariff has errors", .cardNumberInRequest: "A card number is in the request",
        .returnURLNotAllowed: "This return address is not allowed", .rateLimited: "Too many requests",
        .internal: "Something went wrong here", .gatewayUnavailable: "The payment gateway cannot be reached",
        .storageUnavailable: "The database cannot be reached",
        .readOnlyMode: "The server takes no changes now",
    ]
}
