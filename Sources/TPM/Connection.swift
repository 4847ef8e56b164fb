import CTSS2
import Glibc
import TPMState

/// Owns the way to a TPM.
struct Transmission: ~Copyable {
  let pointer: OpaquePointer
  private let tss: shim_tss2

  init(_ tcti: TCTI, _ tss: shim_tss2) throws(TPMError) {
    if let path = tcti.devicePath { try Self.requireDevice(path) }
    var pointer: OpaquePointer?
    let code = tss.Tss2_TctiLdr_Initialize(tcti.description, &pointer)
    guard code == ResponseCode.success, let pointer else { throw Self.fault(tcti, ResponseCode(code)) }
    self.pointer = pointer
    self.tss = tss
  }

  deinit {
    var pointer: OpaquePointer? = pointer
    tss.Tss2_TctiLdr_Finalize(&pointer)
  }

  /// tpm2-tss writes its commands into whatever has that name: a mistyped one must cost no file.
  private static func requireDevice(_ path: String) throws(TPMError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFCHR else { throw TPMError(.notADevice, path) }
  }

  /// tpm2-tss says the same for most of what can be wrong; the device's file says more.
  private static func fault(_ tcti: TCTI, _ code: ResponseCode) -> TPMError {
    let detail = "\(tcti): 0x\(String(code.value, radix: 16))"
    let library = "libtss2-tcti-\(tcti.name).so.0"
    guard let handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL) else {
      return TPMError(.libraryMissing, "\(library) for \(tcti)")
    }
    dlclose(handle)
    guard let path = tcti.devicePath else { return TPMError(.noDevice, detail) }
    let file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard file < 0 else {
      close(file)
      return TPMError(.unusable, detail)
    }
    switch errno {
    case EACCES, EPERM: return TPMError(.permission, "\(path): \(String(cString: strerror(errno)))")
    case EBUSY: return TPMError(.transient, "\(path): another program has it open")
    case ENOENT where isVersion12(): return TPMError(.notTPM2, "/sys/class/tpm/tpm0")
    case ENOENT, ENODEV, ENXIO: return TPMError(.noDevice, "\(path): \(String(cString: strerror(errno)))")
    default: return TPMError(.unusable, "\(path): \(String(cString: strerror(errno)))")
    }
  }

  /// The kernel gives a TPM 1.2 no resource manager.
  private static func isVersion12() -> Bool {
    guard let file = fopen("/sys/class/tpm/tpm0/tpm_version_major", "re") else { return false }
    defer { fclose(file) }
    return fgetc(file) == Int32(UInt8(ascii: "1"))
  }
}

/// Owns a context of the Enhanced System API on a transmission, which it keeps.
struct Session: ~Copyable {
  let pointer: OpaquePointer
  let tss: shim_tss2
  private let transmission: Transmission

  init(_ tcti: TCTI) throws(TPMError) {
    let tss = try TSS2.opened()
    let transmission = try Transmission(tcti, tss)
    var pointer: OpaquePointer?
    let code = tss.Esys_Initialize(&pointer, transmission.pointer, nil)
    guard code == ResponseCode.success, let pointer else { throw ResponseCode(code).error("Esys_Initialize") }
    self.pointer = pointer
    self.tss = tss
    self.transmission = transmission
  }

  deinit {
    var pointer: OpaquePointer? = pointer
    tss.Esys_Finalize(&pointer)
  }
}
