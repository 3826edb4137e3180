// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// An address of e-mail as every mail server takes it: a dot-atom, an at sign and a domain (RFC 5321 §4.1.2), ASCII, at most
/// 254 characters. Nothing in it can end a line or an address. It does not print itself: it is personal.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// Nil for anything else, also for quoted and international local parts.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, (1...64).contains(parts[0].utf8.count),
            Self.isDotted(parts[0], Self.mayStandInName),
            parts[1].contains("."), Self.isDotted(parts[1], Self.mayStandInDomain)
        else { return nil }
        self.text = text
    }

    /// What is behind the at sign.
    package var domain: String { String(text.drop { $0 != "@" }.dropFirst()) }

    package var description: String { "‹address›" }

    /// Words with dots between them.
    private static func isDotted(_ text: Substring, _ fits: (UInt8) -> Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy(fits)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func mayStandInName(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func mayStandInDomain(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-")
    }
}

/// A mail that is ready to leave.
package struct MailMessage: Sendable, Hashable {
    /// A file that goes with it.
    package struct Attachment: Sendable, Hashable {
        package let name: String
        package let mediaType: String
        package let bytes: [UInt8]
    }

    /// Its name for good: a mail that leaves twice has the same, so that the receiver shows one.
    package let id: MailID
    package let to: MailAddress
    /// Who writes, in words.
    package let sender: String
    package let subject: String
    package let text: String
    /// The same as a page.
    package let html: String?
    package let attachments: [Attachment]
    package let writtenAt: Instant

    package init(
        id: MailID, to: MailAddress, sender: String, subject: String, text: String, html: String? = nil,
        attachments: [Attachment] = [], writtenAt: Instant
    ) {
        self.id = id
        self.to = to
        self.sender = Self.oneLine(sender)
        self.subject = Self.oneLine(subject)
        self.text = text
        self.html = html
        self.attachments = attachments
        self.writtenAt = writtenAt
    }

    /// A header is one line, whatever somebody typed as a name: what could end it becomes a blank.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl = scalar.properties.generalCategory == .control
                    let isBreak = scalar.value == 0x2028 || scalar.value == 0x2029
                    return isControl || isBreak ? " " : scalar
                }))
    }
}

/// What a mail server made of a mail.
package enum MailOutcome: Sendable, Hashable {
    /// It takes care of it.
    case taken
    /// Never: its answer, e.g. `550`.
    case refused(String)
    /// Not now, or nobody there: why, in a few words without an address.
    case later(String)
}

/// Brings mails to a mail server; `App` gives one. It waits at most half a minute.
package protocol MailSender: Sendable {
    func send(_ message: MailMessage) async -> MailOutcome
}
