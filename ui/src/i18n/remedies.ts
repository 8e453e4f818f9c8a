// Remedies of the window where the table of notices speaks of the command line: the window has keys and places instead.
export const REMEDIES: Record<string, readonly [zh: string, en: string]> = {
  "name-differs": ["不要拍摄；请登记处核对是改名还是录入错误", "Do not shoot; let the registrar settle a renaming or a typing error."],
  "name-needs-a-look": ["请登记处比对姓名，更正名册后再来", "Let the registrar compare the names and correct the roster."],
  "ambiguous-entry": ["问清学号，按 F2 输入，再放一次证件", "Ask for the student number, press F2 and type it, put the document on again."],
  "already-filed": ["如需重拍，先在“重拍”里标记这张照片并写明原因", "To shoot again, flag the portrait under Re-shoot with a reason first."],
  "frame-from-the-future": ["检查相机和本机的时钟，重新测量后再拍", "Check the clocks of camera and machine, measure again, then shoot."],
  "camera-clock-unmeasured": ["请系统管理员先为本任务测量相机时钟", "Let the administrator measure the camera's clock for this job first."],
  "simulated-device": ["在“设备”里选真实设备；练习请建立训练任务", "Choose real devices under Devices; to practise, create a training job."],
  "nokhwa-in-production": ["在“设备”里选 v4l 相机", "Choose a v4l camera under Devices."],
  "disk-full": ["腾出磁盘空间，再试一次", "Make room on the disk, then try again."],
  "reader-service-down": ["启动读卡服务（pcscd；Windows 上是 Smart Card 服务），这里会自己恢复", "Start the service (pcscd; on Windows: Smart Card). This screen recovers by itself."],
  "reader-not-ready": ["插好读卡器，确认读卡服务在运行，再试一次", "Plug the reader in, see that its service runs, try again."],
  "camera-not-found": ["插好相机，在“设备”里重新查找", "Plug the camera in and look again under Devices."],
  "camera-body-changed": ["换回原来的相机；换机身须重新测量时钟", "Put the former body back; another one needs its clock measured."],
  "job-missing": ["选另一个文件夹，或建立任务", "Choose another folder, or create a job."],
  "not-a-job": ["选另一个文件夹，或建立任务", "Choose another folder, or create a job."],
};
