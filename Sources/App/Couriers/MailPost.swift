// SPDX-License-Identifier: Apache-2.0

import Billing
import CCurl
import Foundation
import NIOPosix
import Quantities

/// Brings mails to the mail server by SMTP, with libcurl (decision 0021).
///
/// libcurl writes the message (MIME, RFC 2045) and speaks with the server. Its own words about an error, and the server's, may
/// repeat an address; what leaves here is a number or a name of an error.
struct MailPost: MailSender {
    let server: MailServer

    /// Half a minute for all of it, ten seconds to find the server: less than a lease of the outbox, so that a mail that
    /// drags on is not sent twice.
    private static let patience = (whole: 30, connect: 10)

    /// Once a process, before anything else of libcurl.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    func send(_ message: MailMessage) async -> MailOutcome {
        guard Self.isReady else { return .later("libcurl does not start") }
        do {
            // libcurl waits for the network, so it does on a thread that may.
            return try await NIOThreadPool.singleton.runIfActive { perform(message) }
        } catch {
            return .later("the server is stopping")
        }
    }

    private func perform(_ message: MailMessage) -> MailOutcome {
        guard let handle = curl_easy_init() else { return .later("out of memory") }
        defer { curl_easy_cleanup(handle) }
        let recipients = curl_slist_append(nil, "<\(message.to.text)>")
        var headers: UnsafeMutablePointer<curl_slist>?
        for header in self.headers(of: message) { headers = curl_slist_append(headers, header) }
        let mime = curl_mime_init(handle)
        defer {
            curl_slist_free_all(recipients)
            curl_slist_free_all(headers)
            curl_mime_free(mime)
        }
        guard let recipients, let headers, let mime, write(message, to: mime, handle) else {
            return .later("out of memory")
        }
        var settings = [
            amptill_set_text(handle, CURLOPT_URL, server.url),
            amptill_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            amptill_set_text(handle, CURLOPT_MAIL_FROM, "<\(server.from.text)>"),
            amptill_set_list(handle, CURLOPT_MAIL_RCPT, recipients),
            amptill_set_list(handle, CURLOPT_HTTPHEADER, headers), amptill_set_mime(handle, mime),
            amptill_set_number(handle, CURLOPT_NOSIGNAL, 1),
            amptill_set_number(handle, CURLOPT_TIMEOUT, Self.patience.whole),
            amptill_set_number(handle, CURLOPT_CONNECTTIMEOUT, Self.patience.connect),
        ]
        if server.needsEncryption {
            settings.append(
                amptill_set_number(handle, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue)))
        }
        if let user = server.user { settings.append(amptill_set_text(handle, CURLOPT_USERNAME, user)) }
        if let word = server.password { settings.append(amptill_set_text(handle, CURLOPT_PASSWORD, word)) }
        guard settings.allSatisfy({ $0 == CURLE_OK }) else { return .later("libcurl refuses a setting") }
        return outcome(curl_easy_perform(handle), handle)
    }

    /// 5xx is for good (RFC 5321 §4.2.1), unless it is about us and not about this mail.
    private func outcome(_ result: CURLcode, _ handle: UnsafeMutableRawPointer) -> MailOutcome {
        if result == CURLE_OK { return .taken }
        var code = 0
        if amptill_get_number(handle, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK { code = 0 }
        // 530 and 535: who are you? Until that is mended, everything waits.
        let isAboutUs = result == CURLE_LOGIN_DENIED || [530, 534, 535, 538].contains(code)
        if (500...599).contains(code), !isAboutUs { return .refused(String(code)) }
        let words = curl_easy_strerror(result).map { String(cString: $0) } ?? "error \(result.rawValue)"
        return .later(code > 0 ? "\(code): \(words)" : words)
    }

    // MARK: the message

    private func headers(of message: MailMessage) -> [String] {
        [
            "From: \(Self.word(message.sender)) <\(server.from.text)>", "To: <\(message.to.text)>",
            "Subject: \(Self.word(message.subject))", "Date: \(Self.date(message.writtenAt.seconds))",
            "Message-ID: <\(message.id.text)@\(server.from.domain)>", "Auto-Submitted: auto-generated",
        ]
    }

    /// Text and page as alternatives of each other, and beside them the files.
    private func write(
        _ message: MailMessage, to mime: OpaquePointer, _ handle: UnsafeMutableRawPointer
    ) -> Bool {
        guard let bodies = curl_mime_init(handle), let body = curl_mime_addpart(mime),
            curl_mime_subparts(body, bodies) == CURLE_OK,
            curl_mime_type(body, "multipart/alternative") == CURLE_OK,
            Self.add(Array(message.text.utf8), "text/plain; charset=utf-8", to: bodies) != nil
        else { return false }
        if let html = message.html {
            guard Self.add(Array(html.utf8), "text/html; charset=utf-8", to: bodies) != nil else {
                return false
            }
        }
        return message.attachments.allSatisfy { file in
            guard let part = Self.add(file.bytes, file.mediaType, to: mime) else { return false }
            return curl_mime_filename(part, file.name) == CURLE_OK
        }
    }

    private static func add(
        _ bytes: [UInt8], _ type: String, to mime: OpaquePointer
    ) -> OpaquePointer? {
        guard let part = curl_mime_addpart(mime) else { return nil }
        let copied = bytes.withUnsafeBytes { buffer in
            curl_mime_data(part, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard copied == CURLE_OK, curl_mime_type(part, type) == CURLE_OK,
            curl_mime_encoder(part, "base64") == CURLE_OK
        else { return nil }
        return part
    }

    /// A header's words as encoded-words of at most 75 characters (RFC 2047 §2), so that nothing in them can be anything else.
    static func word(_ text: String) -> String {
        var words: [String] = []
        var chunk = ""
        for character in text {
            // 45 bytes become 60 characters, and twelve stand around them.
            if chunk.utf8.count + character.utf8.count > 45 {
                words.append(chunk)
                chunk = ""
            }
            chunk.append(character)
        }
        words.append(chunk)
        return words.map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// As RFC 5322 §3.3 writes it, in UTC.
    private static func date(_ seconds: Int64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }
}
