import Archives
import Bundles
import Cryptography
import Posix
import Product
import TUF

/// What a failed command says and exits with: the one table from error codes to the contract's exit codes.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  public let code: ExitCode
  /// The error's name for machines, such as `signature`.
  public let name: String
  public let message: String
  public let remedy: String?

  public init(_ code: ExitCode, name: String, _ message: String, remedy: String? = nil) {
    self.code = code
    self.name = name
    self.message = message
    self.remedy = remedy
  }

  public var description: String { message }

  /// An error that no table knows.
  public init(unknown error: any Error) {
    self.init(
      .unexpected, name: "unexpected", "\(error)", remedy: "try it again; if that does not help, report these words")
  }

  /// Errors of the modules up to this one; nil for an error of another.
  public init?(known error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as TUFError: self.init(error)
    case let error as ArchiveError: self.init(error)
    case let error as BundleError: self.init(error)
    case let error as ProductError: self.init(error)
    case let error as InstallationError: self.init(error)
    case let error as CryptographyError:
      self.init(.malformedInput, name: "key", "\(error)", remedy: "check the key file and its passphrase")
    case let error as PosixError:
      self.init(error)
    default: return nil
    }
  }

  private init(_ error: PosixError) {
    self.init(
      error.isNoSpace ? .diskSpace : .fileSystem, name: error.isNoSpace ? "diskSpace" : "fileSystem",
      error.description, remedy: error.remedy)
  }

  private init(_ error: TUFError) {
    let code: ExitCode =
      switch error.code {
      case .expired: .metadataExpired
      case .edit: .malformedInput
      case .busy: .locked
      case .overdue: .repositoryUnreachable
      default: .untrusted
      }
    let remedy =
      error.code == .missing && error.role == "root"
      ? "the root of trust is lost: run the product's Setup file again, which brings it"
      : error.code == .expired
        ? "check this device's clock; if it is right, the publisher must sign anew (`slipway-release resign`)"
        : "get it again from the publisher; if that does not help, tell them: nothing here was changed"
    self.init(code, name: error.code.rawValue, error.description, remedy: remedy)
  }

  private init(_ error: ArchiveError) {
    if let cause = error.underlying {
      self.init(
        error.isNoSpace ? .diskSpace : .fileSystem, name: error.isNoSpace ? "diskSpace" : error.code.rawValue,
        error.description, remedy: cause.remedy)
    } else if error.code == .wrongSchema {
      self.init(.wrongProduct, name: error.code.rawValue, error.description, remedy: "update slipway first")
    } else {
      self.init(
        .archiveRefused, name: error.code.rawValue, error.description,
        remedy: "the publisher must pack the release again; nothing here was changed")
    }
  }

  private init(_ error: BundleError) {
    let again = "get the file again from the publisher; nothing here was changed"
    switch error.code {
    case .malformed: self.init(.malformedInput, name: "malformedBundle", error.message, remedy: again)
    case .mismatch: self.init(.untrusted, name: "lengthOrHash", error.message, remedy: again)
    case .missing: self.init(.untrusted, name: "missing", error.message, remedy: again)
    case .wrongRole:
      self.init(.untrusted, name: "wrongRole", error.message, remedy: "tell the publisher; nothing here was changed")
    case .wrongProduct:
      self.init(
        .wrongProduct, name: "wrongProduct", error.message,
        remedy: "get the file that is made for this product and platform")
    case .noSpace: self.init(.diskSpace, name: "diskSpace", error.message, remedy: error.remedy ?? again)
    case .fileSystem: self.init(.fileSystem, name: "fileSystem", error.message, remedy: error.remedy ?? again)
    }
  }

  private init(_ error: ProductError) {
    let (code, remedy): (ExitCode, String) =
      switch error.code {
      case .wrongProduct: (.wrongProduct, "get what is made for this product, platform and channel")
      case .unsupported: (.wrongProduct, "update slipway first")
      case .malformed, .invalid: (.malformedInput, "correct that value; in a signed release only its publisher can")
      }
    self.init(code, name: error.code.rawValue, error.description, remedy: remedy)
  }

  private init(_ error: InstallationError) {
    let (code, name): (ExitCode, String) =
      switch error.code {
      case .locked: (.locked, "locked")
      case .notInstalled: (.notInstalled, "notInstalled")
      case .malformed: (.fileSystem, "malformedState")
      case .damaged: (.damaged, "damaged")
      case .noSpace: (.diskSpace, "diskSpace")
      case .fileSystem: (.fileSystem, "fileSystem")
      case .noWayBack: (.noWayBack, "noWayBack")
      case .account: (.otherPrerequisite, "account")
      }
    self.init(code, name: name, error.message, remedy: error.remedy)
  }
}
