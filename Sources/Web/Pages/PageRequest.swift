// SPDX-License-Identifier: Apache-2.0

import Billing
import Digests
import HTTPTypes
import Hummingbird
import JSONText
import NIOCore
import Quantities
import Tariffs

/// What the pages need to know of a request: where it leads, and what language its reader reads.
struct PageRequest: Sendable {
    let desk: Desk
    /// The query of the address.
    let query: Query
    /// What the reader reads.
    let language: Language
    private let cookies: [(name: String, value: String)]
    /// Whether the reader has just chosen the language.
    private let isChoice: Bool
    private let path: String

    private static let languageCookie = "amptill_language"

    init(_ request: Request, _ desk: Desk) {
        self.desk = desk
        path = request.uri.path
        query = Query(request.uri.query)
        cookies = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let sides = pair.split(separator: "=", maxSplits: 1).map { String($0).trimmingBlanks }
            return sides.count == 2 ? (sides[0], sides[1]) : nil
        }
        let chosen = query["lang"].flatMap { Language(tag: $0) }
        isChoice = chosen != nil
        language =
            chosen
            ?? Language.chosen(
                cookie: cookies.first { $0.name == Self.languageCookie }?.value,
                accepted: request.headers[.acceptLanguage])
    }

    /// The first cookie of a name.
    func cookie(_ name: String) -> String? { cookies.first { $0.name == name }?.value }

    /// How things look in a zone to this reader.
    func shown(in zone: String) throws -> Shown { try desk.shown(in: zone, language) }

    /// How things look where no zone is known.
    var shownAnywhere: Shown { Shown(zone: .utc, language: language) }

    /// A page as an answer. Pages are private to whoever has their address; they load nothing from elsewhere.
    func page(_ html: String, _ status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentLanguage: language.rawValue, .vary: "Accept-Language, Cookie",
            .referrerPolicy: "same-origin", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy:
                "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
        ]
        if isChoice {
            headers[.setCookie] =
                "\(Self.languageCookie)=\(language.rawValue); Path=/; Max-Age=31536000; SameSite=Lax"
                + (desk.settings.isEncrypted ? "; Secure" : "")
        }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// What went wrong, in a sentence for people; what the inside says stays in the log.
    func explain(_ problem: Problem, request: String) -> Response {
        let status = HTTPResponse.Status(code: problem.code.status)
        switch problem.code.status {
        case 404: return notice(.notFound, status)
        case 500...: return notice(.failed(request: request), status)
        case 429: return notice(.tooOften(seconds: problem.retryAfterSeconds ?? 60), status)
        default:
            return notice(
                .refused(headline: problem.code.title, text: problem.detail, back: .landing), status)
        }
    }

    /// A page that only says something.
    func notice(
        _ notice: NoticeScreen.Notice, frame: PageFrame = PageFrame(organisation: "Amptill"),
        _ status: HTTPResponse.Status
    ) -> Response {
        page(NoticeScreen(frame: frame, notice: notice).html(shownAnywhere), status)
    }
}

extension Response {
    /// Sends a browser on with a GET.
    static func see(_ url: SiteURL) -> Response { .see(url.path) }

    /// Sends a browser on with a GET, also to another host.
    static func see(_ address: String) -> Response {
        Response(status: .seeOther, headers: [.location: address, .cacheControl: "no-store"])
    }
}

extension Request {
    /// The fields of a form, as a browser sends them (application/x-www-form-urlencoded); at most 64 KiB.
    func form() async throws -> Query {
        let form = Query(String(buffer: try await body.collect(upTo: 64 << 10)))
        for item in form.items { try CardNumbers.refuse(in: .string(item.value)) }
        return form
    }
}

extension Desk {
    /// The clocks of a zone for showing times: a year back, and as far ahead as prices are announced.
    func shown(in zone: String, _ language: Language) throws -> Shown {
        let now = clock.now
        let rules = try zones.rules(of: zone, from: now - .hours(24 * 400), to: now + .hours(24 * 9))
        return Shown(zone: rules, language: language)
    }
}

extension Settings {
    /// Whether browsers come by TLS: then cookies travel by nothing else.
    var isEncrypted: Bool { publicURL.hasPrefix("https:") }
}

extension HTTPField.Name {
    static let referrerPolicy = page("Referrer-Policy")

    private static func page(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is the name of a header") }
        return name
    }
}
