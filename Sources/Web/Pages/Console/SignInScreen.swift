// SPDX-License-Identifier: Apache-2.0

/// Where the operator's key is pasted.
package struct SignInScreen: Sendable {
    /// What surrounds it.
    package var frame: PageFrame
    /// Whether the last key opened nothing.
    package var isWrongKey: Bool

    /// Where the operator's key is pasted.
    package init(frame: PageFrame, isWrongKey: Bool = false) {
        self.frame = frame
        self.isWrongKey = isWrongKey
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let gaps: Gaps = [
            "w": shown.words.all, "action": SiteURL.signIn.path, "wrong": isWrongKey,
        ]
        let head = PageHead(title: shown.words(.console))
        return frame.page(head, Template.signin.render(gaps.values), shown)
    }
}
