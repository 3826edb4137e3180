// SPDX-License-Identifier: Apache-2.0

import Billing
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Payments
import Quantities
import Simulation

/// Mounts the Sandbox on our own server, for drivers' browsers and foreign clients.
struct SandboxHost: Sendable {
    let office: SandboxOffice
    private let desk: Desk
    private let crash: CrashPoint

    init(desk: Desk, crash: CrashPoint) {
        self.desk = desk
        self.crash = crash
        office = SandboxOffice(desk: desk)
    }

    /// A numbered moment around a gateway call (decided.md, Crash tests).
    func crashPoint(_ moment: String) { crash.reached(moment) }

    /// Everything under `/sandbox/`.
    func mount(on router: Router<some RequestContext>) {
        for method: HTTPRequest.Method in [.get, .post, .delete] {
            router.on("/sandbox/**", method: method) { request, _ in
                let body = try await request.body.collect(upTo: 1 << 20)
                var headers: [String: String] = [:]
                for field in request.headers { headers[field.name.canonicalName] = field.value }
                let path = request.uri.path + (request.uri.query.map { "?\($0)" } ?? "")
                let answer = try await office.respond(
                    Sandbox.Request(
                        method: method.rawValue, path: path, headers: headers, body: Array(buffer: body)))
                if answer.delaySeconds > 0 {
                    try await Task.sleep(
                        for: desk.clock.wait(until: desk.clock.now + .seconds(answer.delaySeconds)))
                }
                return Response(answer)
            }
        }
    }
}

extension Response {
    fileprivate init(_ response: Sandbox.Response) {
        var headers = HTTPFields()
        for (name, value) in response.headers {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        // A proxy that got no answer says so: for a client that is the doubt that it should be.
        self.init(
            status: .init(code: response.isLost ? 504 : response.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.isLost ? [] : response.body)))
    }
}
