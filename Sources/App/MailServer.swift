// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation

/// The mail server that takes our mails, and the address that they come from.
struct MailServer: Sendable, Hashable {
    /// `smtp://host:port/` or `smtps://host:port/`, without a name or a password.
    let url: String
    let user: String?
    let password: String?
    /// Whether the line must be encrypted before anything is said: always, but on this machine.
    let needsEncryption: Bool
    let from: MailAddress

    /// From `AMPTILL_SMTP_URL`, e.g. `smtp://name:password@mail.example:587`, and `AMPTILL_MAIL_FROM`; nil without both.
    static func fromEnvironment() throws -> MailServer? {
        let address = Environment["AMPTILL_SMTP_URL"]
        let from = Environment["AMPTILL_MAIL_FROM"]
        switch (address, from) {
        case (nil, nil): return nil
        case (let address?, let from?):
            guard let from = MailAddress(from) else {
                throw StartError.badSetting("AMPTILL_MAIL_FROM", "it is no e-mail address")
            }
            return try MailServer(address, from: from)
        case (_?, nil):
            throw StartError.badSetting("AMPTILL_MAIL_FROM", "mails need an address they come from")
        case (nil, _?): throw StartError.badSetting("AMPTILL_SMTP_URL", "mails need a server that takes them")
        }
    }

    init(_ address: String, from: MailAddress) throws {
        guard let parts = URLComponents(string: address), let scheme = parts.scheme,
            ["smtp", "smtps"].contains(scheme), let host = parts.host, !host.isEmpty,
            ["", "/"].contains(parts.path), parts.query == nil
        else {
            // The address may hold a password, so it is not repeated.
            throw StartError.badSetting(
                "AMPTILL_SMTP_URL", "smtp://name:password@host:587, or smtps://… for TLS from the start")
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        // The path is what we call ourselves when we greet.
        url = "\(scheme)://\(host)\(port)/\(from.domain)"
        user = parts.user
        password = parts.password
        needsEncryption = scheme == "smtp" && !["localhost", "127.0.0.1", "[::1]"].contains(host)
        self.from = from
    }
}
