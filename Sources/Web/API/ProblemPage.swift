// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Hummingbird

/// The page behind a problem's `type`: what the code means and what helps.
enum ProblemPage {
    /// The page of a code.
    static func response(_ name: String) -> Response {
        guard let code = Problem.Code(rawValue: name) else {
            return HTMLPage.message("There is no such problem", ["The list is in /openapi.json."]).response(
                .notFound)
        }
        let again =
            code.isRetryable
            ? "The same request with the same Idempotency-Key may be sent again."
            : "Sending the same request again will not help."
        return HTMLPage.message(code.title, ["Code \(code.rawValue), HTTP status \(code.status).", again])
            .response()
    }
}
