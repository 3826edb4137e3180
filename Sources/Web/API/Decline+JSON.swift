// SPDX-License-Identifier: Apache-2.0
import JSONText
import Payments
import Storage

extension DeclineShown {
    /// As the API shows it, with the sentence in the driver's language.
    func json(in language: Language) -> JSON {
        [
            "code": .string(code), "advice": .string(advice),
            "message": .string(sentence(in: Words(language))),
        ]
    }

    /// What the driver reads: why we gave it back, or what helps after the bank's no, whose code is never shown.
    func sentence(in words: Words) -> String {
        words(OwnDecline(rawValue: code).map { Word($0) } ?? Word(advice: advice))
    }
}

extension CheckoutRecord {
    /// What its driver reads; English if we do not speak it.
    var spoken: Language { Language(tag: language) ?? .english }
}

extension Word {
    fileprivate init(_ decline: OwnDecline) {
        self =
            switch decline {
            case .cancelled: .declineCancelled
            case .holdTooSmall: .declineHoldTooSmall
            case .evseTaken: .declineEVSETaken
            case .outstandingDebt: .declineDebt
            }
    }

    fileprivate init(advice: String) {
        self =
            switch advice {
            case "retry_later": .declineLater
            case "needs_authentication": .declineConfirm
            case "fix_configuration": .declineBroken
            default: .declineOtherCard
            }
    }
}
