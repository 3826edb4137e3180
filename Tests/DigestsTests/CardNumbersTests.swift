// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

/// What is a card number and what is not (I29). The numbers are the networks' public test numbers.
@Suite("Card numbers")
struct CardNumbersTests {
    static let cards = [
        "4242424242424242", "4000056655665556", "5555555555554444", "2223003122003222", "378282246310005",
        "6011111111111117", "3056930009020004", "36227206271667", "3566002020360505", "6200000000000005",
        "4222222222222", "6304000000000000",
    ]

    @Test("cards of all networks are found, however they are set", arguments: cards)
    func found(card: String) {
        for text in [
            card, " \(card) ", "card \(card).", "(\(card))", "\"\(card)\"", "=\(card)&", "12 \(card)",
            "\(card) 12",
            grouped(card, " "), grouped(card, "-"), "no: \(grouped(card, " ")), exp 12/31", "\n\(card)\n",
            "ä \(card) ö",
        ] {
            #expect(CardNumbers.areIn(text), "\(text)")
            let removed = CardNumbers.removed(from: text)
            #expect(removed.contains(CardNumbers.replacement), "\(text)")
            #expect(!CardNumbers.areIn(removed), "\(removed)")
            #expect(CardNumbers.removed(from: removed) == removed)
        }
    }

    @Test("one wrong digit is no card", arguments: cards)
    func wrongDigit(card: String) {
        var digits = Array(card.utf8)
        digits[digits.count - 1] = digits[digits.count - 1] == 48 ? 49 : digits[digits.count - 1] - 1
        #expect(!CardNumbers.areIn(String(decoding: digits, as: UTF8.self)))
    }

    @Test(
        "what only looks like one is left alone",
        arguments: [
            "", "4", "424242424242", "2026-11-27 21:30:18", "20261127 213018", "1790000000000",
            "1790000000123456789",
            "pay_4242424242424242", "a4242424242424242", "4242424242424242b", "4242  4242  4242  4242",
            "4242.4242.4242.4242", "+49 30 4242 4242", "+49 40 12345604", "+44 20 4242 4242 42",
            "0000000000000000", "9999999999999995",
            "424242424242424242424",
            "04A1B2C3D4E5F6", "DE*ABC*E1234567", "sha256:42424242424242424242424242424242",
        ])
    func leftAlone(text: String) {
        #expect(!CardNumbers.areIn(text))
        #expect(CardNumbers.removed(from: text) == text)
    }

    @Test("several in one text are all removed, and what stands between them stays")
    func several() {
        let text = "a 4242424242424242, b 5555-5555-5555-4444; c"
        #expect(CardNumbers.removed(from: text) == "a [card number removed], b [card number removed]; c")
        #expect(CardNumbers.removed(from: Array(text.utf8)) == Array(CardNumbers.removed(from: text).utf8))
    }

    private func grouped(_ card: String, _ separator: String) -> String {
        stride(from: 0, to: card.utf8.count, by: 4).map { start in
            String(card.dropFirst(start).prefix(4))
        }.joined(separator: separator)
    }
}
