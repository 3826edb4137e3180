// SPDX-License-Identifier: Apache-2.0

/// A page that only says what happened, what it costs and what to do: errors, unknown points, missing receipts.
package struct NoticeScreen: Sendable {
    /// What there is to say.
    package enum Notice: Hashable, Sendable {
        /// No charging point has this code.
        case unknownPoint(code: String)
        /// 404.
        case notFound
        /// 429; when to try again.
        case tooOften(seconds: Int64)
        /// 500; the request's name for a call to support.
        case failed(request: String)
        /// The receipt comes later.
        case noReceipt(secret: String)
        /// A refusal in words, and where to go on.
        case refused(headline: String, text: String, back: SiteURL)
    }

    /// What surrounds it.
    package var frame: PageFrame
    /// What there is to say.
    package var notice: Notice

    /// A page that only says something.
    package init(frame: PageFrame, notice: Notice) {
        self.frame = frame
        self.notice = notice
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let (headline, lines) = text(words)
        var gaps: Gaps = ["w": words.all, "headline": headline, "lines": lines, "links": links(words)]
        if case .unknownPoint = notice { gaps["search"] = SiteURL.pointSearch.path }
        if case .notFound = notice { gaps["search"] = SiteURL.pointSearch.path }
        return frame.page(PageHead(title: headline), Template.notice.render(gaps.values), shown)
    }

    private func text(_ words: Words) -> (String, [String]) {
        switch notice {
        case .unknownPoint(let code):
            (words(.unknownPoint, ["code": code]), [words(.unknownPointHint)])
        case .notFound: (words(.notFoundTitle), [words(.notFoundText)])
        case .tooOften(let seconds):
            (words(.tooOftenTitle), [words(.tooOftenText, ["seconds": String(seconds)])])
        case .failed(let request):
            (words(.failedTitle), [words(.failedText), words(.requestNamed, ["request": request])])
        case .noReceipt: (words(.noReceiptTitle), [words(.noReceiptText)])
        case .refused(let headline, let text, _): (headline, [text])
        }
    }

    private func links(_ words: Words) -> [Gaps] {
        switch notice {
        case .noReceipt(let secret):
            [["url": SiteURL.visit(secret: secret).path, "name": words(.backToSession)]]
        case .refused(_, _, let back): [["url": back.path, "name": words(.back)]]
        default: []
        }
    }
}
