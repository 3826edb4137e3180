// SPDX-License-Identifier: Apache-2.0

/// What each code of the API means, in words, and what helps.
extension Problem.Code {
    /// What happened.
    package var meaning: String { explanation.meaning }
    /// What helps.
    package var remedy: String { explanation.remedy }

    // exception(T4): one table of all codes; the compiler finds a code that is missing.
    private var explanation: (meaning: String, remedy: String) {
        switch self {
        case .malformedJSON:
            (
                "The body could not be read as JSON (RFC 8259).",
                "Check commas, quotes and the character set; it must be UTF-8."
            )
        case .unknownField:
            (
                "The body has a field that this request does not know, so a typing error may hide there.",
                "Compare the name with the reference; `param` points at the field."
            )
        case .missingField:
            (
                "A field that this request needs is absent.",
                "Add the field that `param` points at."
            )
        case .invalidField:
            (
                "A field has a value of the wrong kind or out of range.",
                "`detail` says what is allowed; `param` points at the field."
            )
        case .idempotencyKeyRequired:
            (
                "This request moves money, so a repeat must be recognisable.",
                "Send an Idempotency-Key of 1 to 255 visible characters, a new one for each intention."
            )
        case .invalidCursor:
            (
                "The cursor of the list is not one that this server gave out.",
                "Start the list again without a cursor and follow `next`."
            )
        case .unsupportedVersion:
            (
                "The header Amptill-Version names a version that this server does not have.",
                "Leave the header out, or name a version of the change log."
            )
        case .unauthenticated:
            (
                "No valid credential came with the request.",
                "Send Authorization: Bearer with a key or a token."
            )
        case .keyRevoked:
            (
                "The key was withdrawn.",
                "Use another key, or ask the operator for a new one."
            )
        case .keyExpired:
            (
                "The time of the key is over.",
                "Ask the operator for a new key."
            )
        case .badSignature:
            (
                "The signature does not fit the raw body, or its time is more than 300 s away.",
                "Check the secret, sign the bytes as sent, and look at the clock."
            )
        case .scopeMissing:
            (
                "The credential is valid, but may not do this.",
                "`needed` names the scope; use a key that has it."
            )
        case .limitOfKeyExceeded:
            (
                "The amount is above what this key may move.",
                "Use a key with a higher limit, or ask the operator."
            )
        case .ipNotAllowed:
            (
                "The key may be used from certain addresses only, and this is none of them.",
                "Call from an allowed address, or have the list changed."
            )
        case .liveOnly:
            (
                "This exists for live organisations only.",
                "Use a key of a live organisation."
            )
        case .testOnly:
            (
                "This exists for test organisations only, because it plays with time or faults.",
                "Use a key of a test organisation."
            )
        case .paymentDeclined:
            (
                "The bank or the wallet refused the payment. Nothing was charged.",
                "Use another way to pay for the same session; `decline.advice` says which kind helps."
            )
        case .preAuthorizationFailed:
            (
                "The amount could not be reserved. Nothing was charged.",
                "Try again, or use another way to pay."
            )
        case .authenticationRequired:
            (
                "The bank wants the driver to confirm the payment.",
                "Send the driver to `next_action.url`, then read the payment again."
            )
        case .outstandingDebt:
            (
                "An earlier session is still unpaid.",
                "Pay it at `pay_url`; then new sessions can start."
            )
        case .insufficientBalance:
            (
                "The wallet holds less than this session may cost.",
                "Top the wallet up; `available` says how much is there."
            )
        case .creditLimitReached:
            (
                "The account has used up what it may owe.",
                "Pay open invoices, or ask the operator for a higher limit."
            )
        case .reloadCapReached:
            (
                "The wallet has been reloaded as often as its owner allowed.",
                "Top it up by hand, or raise the cap."
            )
        case .notFound:
            (
                "There is no such object, or it belongs to somebody else.",
                "Check the id, and that the key is of the same organisation."
            )
        case .unknownEVSE:
            (
                "No charging point has this code.",
                "Compare it with the code printed on the charger."
            )
        case .invalidState:
            (
                "The object is in a state in which this cannot be done. It has not been changed.",
                "`state` says where it is and `allowed` what is possible from there."
            )
        case .evseOccupied:
            (
                "Somebody is charging at this point.",
                "Use another point, or wait until it is free."
            )
        case .evseUnavailable:
            (
                "The point reports that it is out of order or out of service.",
                "Use another point of the site."
            )
        case .stationOffline:
            (
                "The station is not connected, so it cannot be asked for anything. Nothing was charged.",
                "Try again when it is online, or use another point."
            )
        case .alreadyCharging:
            (
                "This token or account already has a session that runs.",
                "Stop that session first."
            )
        case .quoteExpired:
            (
                "The price that was shown is older than 15 minutes. Nothing was charged.",
                "Ask for a new quote and show it again."
            )
        case .priceChanged:
            (
                "The price is no longer the one that was shown. Nothing was charged.",
                "Show the new quote in this answer and let the driver accept it."
            )
        case .billingDataRequired:
            (
                "An invoice needs a name and an address, and they are missing.",
                "Complete the account's invoice address."
            )
        case .idempotencyInProgress:
            (
                "The first request with this key is still running.",
                "Wait a second and send the same request again."
            )
        case .paymentInDoubt:
            (
                "The gateway has not told how a call ended, so the money may have moved.",
                "Do nothing with a new key; the server asks the gateway. `next_check_at` says when."
            )
        case .disputeOpen:
            (
                "The payment is disputed, so it cannot be refunded.",
                "Answer the dispute, or accept it."
            )
        case .periodClosed:
            (
                "The accounting period is closed.",
                "Book into the open period."
            )
        case .periodNotReady:
            (
                "Something in the period is still open.",
                "The answer lists the reasons; settle them first."
            )
        case .tokenAlreadyBound:
            (
                "The token already belongs to another account.",
                "Release it there first."
            )
        case .retryWindowOver:
            (
                "The time in which the same reservation could be used again is over; it has been released.",
                "Start a new checkout."
            )
        case .mailNotConfigured:
            (
                "The operator of this server has not named a mail server, so nothing can be sent by mail. The document is there.",
                "Read it under its own address. The operator sets AMPTILL_SMTP_URL and AMPTILL_MAIL_FROM."
            )
        case .versionConflict:
            (
                "The object was changed by somebody else after it was read.",
                "Read it again, look at the change, and repeat."
            )
        case .ifMatchRequired:
            (
                "A change needs the version it was made from.",
                "Send If-Match with the version in quotes."
            )
        case .bodyTooLarge:
            (
                "The body is larger than 1 MiB, or 64 MiB for a settlement.",
                "Send less at once."
            )
        case .unsupportedMediaType:
            (
                "The server cannot read this media type here.",
                "Send application/json, or what the reference names."
            )
        case .idempotencyKeyReused:
            (
                "This key was used before with another body. Nothing was done.",
                "Use a new key for a new intention."
            )
        case .currencyMismatch:
            (
                "Two amounts of one request are in different currencies.",
                "Use the currency of the object."
            )
        case .amountTooSmall:
            (
                "The amount is below what the gateway or the policy allows.",
                "`detail` names the least amount."
            )
        case .amountTooLarge:
            (
                "The amount is above what the gateway or the policy allows.",
                "`detail` names the largest amount."
            )
        case .captureExceedsHold:
            (
                "More was to be taken than is reserved. Nothing was taken.",
                "Take at most the reserved amount, or raise the hold first."
            )
        case .refundExceedsCaptured:
            (
                "More was to be given back than was taken.",
                "Refund at most what is left."
            )
        case .adjustNotSupported:
            (
                "This hold cannot be changed at its gateway.",
                "Release it and reserve the new amount."
            )
        case .unbalanced:
            (
                "Debits and credits of the transaction differ. Nothing was booked.",
                "Make the entries of each currency sum to zero."
            )
        case .tariffHasErrors:
            (
                "The linter found errors, so the tariff cannot be published.",
                "`findings` names each place and the reason."
            )
        case .cardNumberInRequest:
            (
                "A card number was in the request. It was not stored.",
                "Never send one; payment happens at the gateway's page."
            )
        case .returnURLNotAllowed:
            (
                "The return address is not on the organisation's list.",
                "Have it added, or leave it out to use the session's own page."
            )
        case .rateLimited:
            (
                "Too many requests came in too short a time.",
                "Wait as long as Retry-After says."
            )
        case .internal:
            (
                "Something went wrong on our side. What was acknowledged before is safe.",
                "Send the same request with the same key again; name `request_id` to support."
            )
        case .gatewayUnavailable:
            (
                "The payment gateway does not answer. Nothing is charged twice.",
                "Send the same request with the same key again a little later."
            )
        case .storageUnavailable:
            (
                "The database cannot be reached, and nothing is accepted that could not be stored.",
                "Send the same request with the same key again a little later."
            )
        case .readOnlyMode:
            (
                "The server is being maintained and takes no changes; chargers are still answered.",
                "Try again later; reading works."
            )
        }
    }
}
