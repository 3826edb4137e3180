// SPDX-License-Identifier: Apache-2.0

package import Billing
import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
import Quantities
import Storage
import Tariffs

/// The pages for people: a driver's point, session and receipt, and the operator's console.
///
/// A handler loads rows, calls one verb and renders; no rule lives here. Every page works without JavaScript.
package struct PagesDoor: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// Adds all pages to a router.
    package func mount(on router: Router<some RequestContext>) {
        router.get("/") { _, _ in Response.see("/operator") }
        router.get("/assets/amptill.css") { _, _ in
            Self.asset(PackageResources.amptill_css, "text/css; charset=utf-8")
        }
        router.get("/assets/live.js") { _, _ in
            Self.asset(PackageResources.live_js, "text/javascript; charset=utf-8")
        }
        DriverPages(desk: desk).mount(on: router)
        OperatorPages(desk: desk).mount(on: router)
    }

    private static func asset(_ bytes: [UInt8], _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "max-age=300"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Desk {
    /// The clocks of a zone around now, for showing times.
    func shown(in zone: String) throws -> Shown {
        let now = clock.now
        return Shown(zone: try zones.rules(of: zone, from: now - .hours(24 * 40), to: now))
    }
}

/// The fields of a form, as a browser sends them (application/x-www-form-urlencoded).
struct FormFields: Sendable {
    private var fields: [String: String] = [:]

    /// Reads a body of at most 64 KiB.
    init(_ request: Request) async throws {
        let body = try await request.body.collect(upTo: 64 << 10)
        for pair in String(buffer: body).split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard sides.count == 2 else { continue }
            fields[Self.decoded(sides[0])] = Self.decoded(sides[1])
        }
    }

    subscript(name: String) -> String? { fields[name] }

    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let pair = rest.prefix(2)
            if byte == UInt8(ascii: "+") {
                bytes.append(32)
            } else if byte == UInt8(ascii: "%"), pair.count == 2,
                let value = String(validating: pair, as: UTF8.self).flatMap({ UInt8($0, radix: 16) })
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
