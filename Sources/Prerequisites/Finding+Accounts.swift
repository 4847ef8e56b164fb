import Product

extension Finding {
  /// All accounts of the product, in this machine's own account file.
  static func accounts(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    let wanted = needs.rules.accounts.map { LocalAccount($0) }
    guard !wanted.isEmpty else { return pass("the product needs none") }
    guard let there = facts.accounts else {
      return fail("the local account file cannot be read", "Check that /etc/passwd is there and readable.")
    }
    let missing = wanted.filter { !there.contains($0.name) }
    guard !missing.isEmpty else { return pass("found: \(wanted.map { $0.explained }.joined(separator: ", "))") }
    let reasons = missing.map { account in
      if let other = there.sorted().first(where: { $0.lowercased() == account.name.lowercased() }) {
        return "\(account.explained) (there is '\(other)': capitals count)"
      }
      if facts.directoryAccounts.contains(account.name) {
        return "\(account.explained) (a directory service knows it, but it is no account of this device)"
      }
      return account.explained
    }
    let commands = missing.map { "useradd --create-home '\($0.name)'" }.joined(separator: " && ")
    return fail(
      "missing: \(reasons.joined(separator: ", "))",
      "Make each missing account on this device itself, as root: \(commands). Accounts of a directory service (sssd, LDAP) "
        + "do not count. Then run this again.")
  }
}

extension LocalAccount {
  /// `.\admin` is said to be the device's own `admin`.
  fileprivate var explained: String { isQualified ? "\(name) (\(text) is this device's own '\(name)')" : name }
}
