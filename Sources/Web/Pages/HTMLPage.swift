// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// A whole page: the layout around a body.
struct HTMLPage {
    var title: String
    var heading = "Amptill"
    var body: String
    /// Seconds after which a browser without JavaScript asks again; nil for pages that do not change.
    var refresh: Int?
    var isWide = false
    var footer: String?
    /// Whether the page has a stream.
    var isLive = false

    /// The bytes a browser gets.
    var html: String {
        Template.layout.render([
            "title": title, "heading": heading, "body": body, "refresh": refresh.map { String($0) } ?? "",
            "width": isWide ? "wide" : "", "footer": footer ?? "", "live": isLive,
        ])
    }

    /// As an answer; pages are private to whoever has their address.
    func response(_ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .init("Referrer-Policy") ?? .server: "same-origin", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy:
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// A page that only says something.
    static func message(
        _ headline: String, _ lines: [String], link: (text: String, url: String)? = nil
    ) -> HTMLPage {
        var model: [String: Any] = ["headline": headline, "lines": lines]
        if let link { model["link"] = ["text": link.text, "url": link.url] }
        return HTMLPage(title: headline, body: Template.message.render(model))
    }
}

extension Response {
    /// Sends a browser on with a GET.
    static func see(_ path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }
}
