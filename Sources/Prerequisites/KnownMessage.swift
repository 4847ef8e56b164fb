import Product

/// The first lines that admins already know and that their scripts look for: their words never change.
public enum KnownMessage {
  public static let notElevated = "ERROR: Please run this application with elevated privileges"
  public static let tpmNotFound = "ERROR: TPM data cannot be found"
  /// What to do about a missing TPM.
  public static let tpmRemedy = "BIOS: Advanced > Security > Intel Platform Trust Technology, F10"

  /// Names all accounts of the product manifest, since all of them are required.
  public static func accountMissing(_ accounts: [String]) -> String {
    let quoted = accounts.map { "'\(LocalAccount($0).name)'" }
    let listed =
      quoted.count < 2
      ? quoted.joined() : quoted.dropLast().joined(separator: ", ") + " or " + (quoted.last ?? "")
    return "ERROR: Local user account named \(listed) not found"
  }
}
