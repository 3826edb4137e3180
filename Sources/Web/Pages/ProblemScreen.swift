// SPDX-License-Identifier: Apache-2.0

/// The page behind a problem's `type`: what the code means, and what helps.
package struct ProblemScreen: Sendable {
    /// Which problem.
    package var code: Problem.Code

    /// The page of a code; nil if there is no such code.
    package init?(code: String) {
        guard let code = Problem.Code(rawValue: code) else { return nil }
        self.code = code
    }

    /// The page, in English as the codes are.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let items: [Gaps] = [
            ["name": words(.problemCode), "value": code.rawValue],
            ["name": words(.problemStatus), "value": String(code.status)],
            [
                "name": words(.problemRetry),
                "value": words(code.isRetryable ? .problemRetryYes : .problemRetryNo),
            ],
        ]
        let gaps: Gaps = [
            "w": words.all, "eyebrow": words(.problemName), "headline": code.title,
            "lines": [code.meaning, code.remedy], "facts": ["items": items] as Gaps,
        ]
        let head = PageHead(title: code.title)
        return PageFrame(organisation: "Amptill").page(head, Template.notice.render(gaps.values), shown)
    }
}
