extension User: FilterSubject {
    package func withText(of attribute: Filter.Attribute, _ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        var text =
            switch attribute {
            case .cluster: cluster.text
            case .hpcUserID: id.text
            case .account: account.text
            case .username: username.text
            case .role: role.rawValue
            case .homeDirectory: homeDirectory
            case .loginShell: loginShell
            case .gecos: gecos
            case .nasMountPoint: nasMountPoint
            }
        return text.withUTF8(body)
    }

    /// Always false: a user does not know the groups that list it, only a snapshot does.
    package func isMember(of group: Group.Key?) -> Bool { false }

    package func withAttributes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var text = attributes.text ?? ""
        return text.withUTF8(body)
    }
}
