// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Testing

/// The examples for integrators do what they say, against the real server.
@Suite("Examples", .serialized, .withPeers)
struct ExampleTests {
    @Test("Python: a guest's checkout with the Sandbox", .timeLimit(.minutes(2)))
    func guestInPython() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let network = try await Network.build(at: server.url)
        let (code, _) = try await network.addStation("EXAMPLE-1")

        let run = try await PythonProcess.run(
            "Examples/pay-python/guest_checkout.py", [server.url.absoluteString, code])

        #expect(run.status == 0, "\(run.output)\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines.first == "price 0.49 EUR per kWh")
        #expect(lines.contains("held 4000 EUR"))
        #expect(lines.last == "released cancelled")
        await server.stop()
    }

    @Test("Swift: a guest's checkout with the Sandbox", .timeLimit(.minutes(2)))
    func guestInSwift() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let network = try await Network.build(at: server.url)
        let (code, _) = try await network.addStation("EXAMPLE-2")

        let run = try await ServerProcess.runTool(
            Self.swiftExample, ["checkout", server.url.absoluteString, code])

        #expect(run.status == 0, "\(run.output)\(run.errors)")
        let lines = run.output.split(separator: "\n")
        #expect(lines == ["price 0.49 EUR per kWh", "held 4000 EUR", "released cancelled"])
        await server.stop()
    }

    @Test("A wallet is topped up and partly refunded, in Python and in Swift", .timeLimit(.minutes(2)))
    func wallet() async throws {
        let database = try await Engine.sqlite.freshDatabase()
        let server = try await ServerProcess(database: database.address)
        let arguments = [server.url.absoluteString, ServerProcess.operatorKey]
        let wanted: [Substring] = ["topped up 5000 EUR", "refunded succeeded 2000 EUR", "left 3000 EUR"]

        let python = try await PythonProcess.run("Examples/pay-python/wallet.py", arguments)
        #expect(python.output.split(separator: "\n") == wanted, "\(python.output)\(python.errors)")
        let swift = try await ServerProcess.runTool(Self.swiftExample, ["wallet"] + arguments)
        #expect(swift.output.split(separator: "\n") == wanted, "\(swift.output)\(swift.errors)")
        await server.stop()
    }

    /// The signature of the example of a webhook, made with `openssl dgst -sha256 -hmac`.
    @Test("Swift: a signature is genuine, and neither of another secret nor old", .timeLimit(.minutes(1)))
    func verifyInSwift() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let body = #"{"id":"evt_1","type":"payment.captured"}"#
        func signature(at time: Int64, by secret: String) async throws -> String {
            let signed = try await ServerProcess.runTool(
                "/usr/bin/openssl", ["dgst", "-sha256", "-hmac", secret, "-r"], input: "\(time).\(body)")
            return "t=\(time),v1=" + signed.output.prefix(64)
        }
        for (time, secret, wanted) in [(now, "whsec_1", 0), (now, "whsec_2", 1), (now - 400, "whsec_1", 1)] {
            let header = try await signature(at: time, by: secret)
            let run = try await ServerProcess.runTool(
                Self.swiftExample, ["verify", "whsec_1", header], input: body)
            #expect(run.status == Int32(wanted), "\(time - now) \(secret): \(run.output)")
        }
    }

    private static var swiftExample: String {
        ServerProcess.binary.deletingLastPathComponent().appendingPathComponent("pay-swift").path
    }
}
