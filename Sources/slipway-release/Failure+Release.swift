import Console
import Installation
import NIOCore
import Posix
import Product
import ProductTOML
import Publishing
import TUF
import Transport

extension Failure {
  /// Any error of the publisher's side as what the command says and exits with.
  init(_ error: any Error) {
    switch error {
    case let error as PublishingError:
      self.init(
        Self.exitCode(error.code), name: error.code.rawValue, error.message,
        remedy: error.remedy ?? "correct what was given, then try again")
    case let error as ProductTOMLError:
      self.init(
        .malformedInput, name: error.code.rawValue, error.description, remedy: "correct the manifest, then try again")
    case let error as TUFError:
      self.init(
        error.code == .expired ? .metadataExpired : .untrusted, name: error.code.rawValue, error.description,
        remedy: error.code == .expired
          ? "sign it anew with `slipway-release resign` (with --role for other roles than snapshot and timestamp)"
          : "`slipway-release verify` lists every fault; restore the file from a copy of the repository")
    case let error as TransportError:
      self = Self.transport(error)
    case let error as IOError:
      self.init(.fileSystem, name: "network", "\(error)", remedy: "name another --port or --address")
    case is Interruption:
      self.init(.interrupted, name: "interrupted", "interrupted; nothing was changed", remedy: "run it again")
    default: self = Failure(known: error) ?? Failure(unknown: error)
    }
  }

  private static func transport(_ error: TransportError) -> Failure {
    switch error.code {
    case .disk(let number):
      return Failure(PosixError("write", error.place, code: number))
    case .wrongContent, .tooLarge, .tooShort:
      return Failure(
        .untrusted, name: "lengthOrHash", error.description,
        remedy: "tell who runs that server; readers of the copy here still see what was verified before")
    case .unreachable(.proxy), .unreachable(.proxyRefusal):
      return Failure(
        .networkOrProxy, name: "proxy", error.description,
        remedy: "check http_proxy, https_proxy and no_proxy; the next run goes on where this one stopped")
    default:
      return Failure(
        .repositoryUnreachable, name: "repository", error.description,
        remedy: "check the network and the address; the next run goes on where this one stopped")
    }
  }

  private static func exitCode(_ code: PublishingError.Code) -> Product.ExitCode {
    switch code {
    case .noRepository: .repositoryUnreachable
    case .locked: .locked
    case .usage: .usage
    case .exists, .keyMissing, .keyExposed, .passphraseMissing, .invalidInput, .conflict, .incomplete, .stale,
      .foreignKey, .signer, .unsigned:
      .malformedInput
    case .damaged, .untrusted: .untrusted
    case .forbidden: .forbiddenVersion
    }
  }
}
