// SPDX-License-Identifier: Apache-2.0

import Quantities

extension Sandbox {
    /// The instruments a visitor may pick, by name; there is no card number field anywhere (payments.md §5.2).
    package static let instruments: [(group: String, names: [(name: String, label: String)])] = [
        (
            "Approve",
            [
                ("ok", "Card that works"), ("wallet_apple", "Apple Pay"), ("wallet_google", "Google Pay"),
                ("challenge_ok", "3-D Secure, confirmed"),
                ("partial_15", "Approves at most 15.00"),
                ("expires_early", "Hold that ends in two hours"),
                ("short_window", "Hold that ends in 4 days and 18 hours"),
            ]
        ),
        (
            "Decline",
            [
                ("declined", "Declined"), ("insufficient_funds", "Insufficient funds"),
                ("stolen", "Stolen card"), ("challenge_fail", "3-D Secure, failed"),
                ("challenge_abandon", "3-D Secure, abandoned"),
                ("off_session_challenge", "Works now, wants 3-D Secure when you are away"),
            ]
        ),
        (
            "Increments",
            [
                ("no_increment", "Hold that cannot be raised"),
                ("increment_declined", "Raising the hold is declined"),
                ("increment_once", "Hold that can be raised once"),
            ]
        ),
        (
            "Trouble",
            [
                ("capture_busy", "First capture: too many requests"),
                ("busy_429", "First call of each kind: too many requests"),
                ("timeout_before", "Capture request lost"), ("timeout_after", "Capture answer lost"),
                ("slow_30s", "Answers after 30 seconds"),
                ("error_500_saved", "Capture answered with an error, but done"),
                ("key_in_use", "First capture: key in use"),
                ("wrong_enum", "Capture answered with an unheard-of word"),
                ("async", "Everything taken, told later by webhook"),
                ("refund_lost", "Refund answer lost"), ("refund_refused", "Refund refused"),
            ]
        ),
        (
            "Webhooks",
            [
                ("webhook_first", "Webhooks come before the answer"),
                ("webhook_twice", "Webhooks come twice"),
                ("webhook_shuffled", "Webhooks come in the wrong order"),
                ("webhook_lost", "Webhooks get lost"),
            ]
        ),
        (
            "Later",
            [
                ("capture_fails_later", "Capture fails after 2 days"),
                ("refund_fails_later", "Refund comes back after 3 days"),
                ("disputed", "Disputed one day after the capture"),
                ("inquiry", "Bank asks one day after the capture"),
            ]
        ),
    ]

    /// Whether there is such an instrument.
    package static func isInstrument(_ name: String) -> Bool {
        instruments.contains { $0.names.contains { $0.name == name } }
    }

    /// Why a charge on this instrument is declined; nil if it is not.
    static func declineCode(of instrument: String, isOffSession: Bool) -> String? {
        switch instrument {
        case "declined", "insufficient_funds", "stolen": instrument
        case "challenge_fail": "challenge_failed"
        case "off_session_challenge" where isOffSession: "authentication_required"
        default: nil
        }
    }

    /// How long a hold stands.
    static func window(of instrument: String, isOffSession: Bool) -> Elapsed {
        switch instrument {
        case "expires_early": .hours(2)
        case "short_window": .hours(4 * 24 + 18)
        // What is held while the driver is absent stands shorter (payments.md §2).
        default: isOffSession ? .hours(4 * 24 + 18) : .hours(7 * 24)
        }
    }

    /// How often a hold on it may still be raised.
    static func incrementsLeft(of instrument: String, tried: Int64) -> Int64 {
        switch instrument {
        case "no_increment": 0
        case "increment_once": max(0, 1 - tried)
        default: max(0, 10 - tried)
        }
    }

    /// What goes wrong with a call on this instrument, and whether only the first time.
    static func trouble(of instrument: String, with operation: String) -> (fault: SandboxFault, isOnce: Bool)?
    {
        let isCharge = ["capture", "charge_off_session"].contains(operation)
        switch instrument {
        case "capture_busy" where operation == "capture": return (.busy, true)
        case "busy_429" where operation != "authorize": return (.busy, true)
        case "timeout_before" where isCharge: return (.lostRequest, true)
        case "timeout_after" where isCharge: return (.lostAnswer, false)
        case "slow_30s" where operation != "authorize": return (.slow, false)
        case "error_500_saved" where isCharge: return (.savedError, false)
        case "key_in_use" where isCharge: return (.keyInUse, true)
        case "wrong_enum" where isCharge: return (.oddWord, false)
        case "async" where operation != "authorize": return (.accepted, false)
        case "refund_lost" where operation == "refund": return (.lostAnswer, false)
        default: return nil
        }
    }

    /// What the merchant may know of an instrument.
    static func card(_ instrument: String) -> (brand: String, last4: String, wallet: String?) {
        switch instrument {
        case "wallet_apple": ("Visa", "4242", "apple_pay")
        case "wallet_google": ("Mastercard", "4444", "google_pay")
        default: ("Visa", "4242", nil)
        }
    }
}
