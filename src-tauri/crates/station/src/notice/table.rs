//! The table of notices.

use super::{Notice, NoticeKind};

macro_rules! notices {
    ($($kind:ident $code:literal: $zh:literal / $zh_remedy:literal / $en:literal / $en_remedy:literal;)+) => {
        pub(super) const NOTICES: &[Notice] = &[$(Notice {
            code: $code,
            kind: NoticeKind::$kind,
            zh: $zh,
            zh_remedy: $zh_remedy,
            en: $en,
            en_remedy: $en_remedy,
        }),+];
    };
}

notices! {
    Refusal "not-on-roster": "证件号码不在本任务名册中" / "请学生到登记处核对；名册有误时由登记处更正后再来" / "The number of the document is not on the roster of this job." / "Send the student to the registrar; if the roster is wrong it is corrected there first.";
    Refusal "check-digit-wrong": "证件号码校验位不符" / "取下证件重读；仍不符请换读卡器或送登记处" / "The check digit of the document's number is wrong." / "Take the document off and read it again; if it stays, try another reader or send it to the registrar.";
    Refusal "number-invalid": "证件号码不合规则" / "取下证件重读；仍不符请送登记处" / "The number on the document breaks the rules of identity numbers." / "Take the document off and read it again; if it stays, send it to the registrar.";
    Refusal "name-differs": "姓名与名册不一致" / "不要拍摄；请登记处核对改名或录入错误，必要时转交处理" / "The name on the document differs from the roster." / "Do not shoot; let the registrar settle a renaming or a typing error, or refer the case.";
    Refusal "name-needs-a-look": "姓名仅部分一致，需人工核对" / "由值守人员在有人值守模式下核对" / "The name agrees only as far as the card tells it; somebody has to look." / "Repeat the sitting attended, and compare the names.";
    Refusal "document-contradicts": "证件上的出生日期或性别与号码矛盾" / "取下证件重读；仍矛盾请送登记处" / "Birth date or sex on the document contradict its own number." / "Read it again; if it stays, send it to the registrar.";
    Refusal "document-expired": "证件已过期" / "请出示有效证件" / "The document has expired." / "Ask for a valid document.";
    Refusal "document-not-yet-valid": "证件尚未生效" / "检查本机日期；或请出示有效证件" / "The document is not valid yet." / "Check the date of this machine, or ask for a valid document.";
    Refusal "ambiguous-entry": "同一证件号对应多个学籍" / "输入学号决定（--student-number）" / "One number has several enrolments." / "Type the student number (--student-number): it decides.";
    Refusal "claim-differs": "输入的学号不属于该证件" / "核对学号后重来" / "The typed student number does not belong to this document." / "Check the student number and start again.";
    Refusal "already-filed": "已有归档照片且未标记重拍" / "如需重拍，先用 record flag 标记并写明原因" / "A portrait is on file and was not flagged." / "To shoot again, flag the record with a reason first.";
    Refusal "reads-disagree": "两次读卡不一致" / "把证件取下，放稳后重来" / "Two reads of the document do not agree." / "Take the document off, put it back and keep it still.";
    Refusal "document-unreadable": "证件读不出来" / "放平、放稳；仍不行换一个位置或证件套" / "The document could not be read." / "Lay it flat and still; take it out of its cover.";
    Refusal "document-unsupported": "不支持的证件类型" / "请使用居民身份证和带安全模块的读卡器；普通读卡器读不出身份证" / "This kind of document cannot be read here." / "Use a resident card in a reader with a security module; a plain reader cannot read one.";
    Refusal "document-invalid": "证件数据不合规范" / "取下重读；仍不行请送登记处" / "The data on the document are not valid." / "Read it again; if it stays, send it to the registrar.";
    Refusal "reader-busy": "读卡器被其他程序占用" / "关闭其他读卡程序" / "Another program holds the reader." / "Close the other program.";
    Refusal "document-not-removed": "上一张证件还没有取走" / "请先取走证件，再放新的" / "The last document has not been taken off." / "Take the document off first, then put the next one on.";
    Refusal "second-document": "读卡器上有第二张证件" / "全部取下，只放坐着的人的证件" / "A second document is on the reader." / "Take all of them off; put only the document of the person in the chair.";
    Refusal "not-seated": "还没有核验通过的人就座" / "先放证件" / "Nobody is seated: there is nothing to expose." / "Document first.";
    Refusal "frame-before-seat": "画面早于就座时刻" / "再按一次快门；相机有延迟时等一秒" / "The frame is older than the seat." / "Press again; wait a second if the camera lags.";
    Refusal "frame-stale": "按下快门时画面已过时" / "检查相机和线缆，再按一次" / "The frame was older than 250 ms at the press." / "Check camera and cable, then press again.";
    Refusal "frame-other-epoch": "相机中断过" / "重新开始本次采集" / "The camera was interrupted between seat and frame." / "Start the sitting again.";
    Refusal "frame-repeated": "画面与之前完全相同：相机可能卡死" / "拔插相机后重来" / "The frame repeats an earlier one byte for byte: the camera may be frozen." / "Unplug the camera, plug it in, start again.";
    Refusal "frame-from-the-future": "照片时间晚于到达时间：时钟有误" / "校准相机时钟（camera clock）" / "The picture claims to be born after it arrived: a clock is wrong." / "Measure the camera's clock (camera clock).";
    Refusal "no-frame": "没有收到画面" / "检查相机，再按一次" / "No frame came in time." / "Check the camera and press again.";
    Refusal "picture-without-exif": "照片没有可用的 EXIF 时间" / "打开相机的时间记录；正式任务不接受无时间的照片" / "The picture carries no usable EXIF time." / "Let the camera write its time; a production job takes none without.";
    Refusal "camera-clock-unmeasured": "本任务未测量该相机的时钟" / "用相机拍下站点的时间码：likeness-ctl camera clock" / "The camera's clock has not been measured for this job." / "Photograph the station's clock code: likeness-ctl camera clock.";
    Refusal "portrait-refused": "照片不符合规范" / "按提示调整后重照" / "The portrait does not meet the photo standard." / "Do what the finding says and shoot again.";
    Refusal "portrait-foreign": "照片并非来自本次画面" / "停止使用并报告：这是程序错误" / "The portrait was not made from the frame of this sitting." / "Stop and report: this is a bug.";
    Refusal "nothing-to-accept": "没有可确认的照片" / "先拍摄，等照片显示" / "There is no portrait to accept." / "Expose first and wait until the portrait is shown.";
    Refusal "accepted-already": "已经确认过" / "无需再按" / "The portrait was accepted already." / "Nothing to do.";
    Refusal "stale-token": "确认的不是当前显示的照片" / "看清当前照片后再确认" / "What was accepted is not what is shown." / "Look at what is shown now, then accept.";
    Refusal "late-result": "结果属于已结束的采集，已丢弃" / "无需处理" / "A result came for a sitting that is over and was dropped." / "Nothing to do.";
    Refusal "simulated-device": "正式任务不能使用模拟设备" / "使用真实设备，或另建训练任务（--training）" / "A simulated device cannot be used in a production job." / "Use real devices, or create a training job (--training).";
    Refusal "nokhwa-in-production": "Linux 上 nokhwa 仅限训练任务" / "改用 --camera v4l" / "On Linux nokhwa opens in training jobs only." / "Use --camera v4l.";
    Refusal "sitting-over": "采集已结束" / "无需处理" / "The sitting is over." / "Nothing to do.";
    Refusal "job-busy": "另一个程序正在使用该任务" / "关闭另一个程序后再试" / "Another process holds this job." / "Close the other program and try again.";
    Refusal "job-exists": "任务文件夹已存在" / "换一个文件夹" / "There is a job in this folder already." / "Choose another folder.";
    Refusal "roster-faulty": "名册有错误行，未导入" / "按行号改正后再导入" / "The roster has faulty rows; nothing was imported." / "Correct the named rows and import again.";
    Refusal "unknown-student": "名册中没有这个学号" / "核对学号" / "No entry has this student number." / "Check the student number.";
    Refusal "nothing-filed": "该学生还没有归档照片" / "先拍摄" / "Nothing is on file for this student." / "Shoot first.";
    Refusal "already-flagged": "该记录已标记" / "直接安排重拍" / "The record is flagged already." / "Shoot again.";
    Refusal "profile-unknown": "没有这个照片规范" / "见手册中的规范列表" / "There is no profile of this name." / "The manual lists the profiles.";
    Refusal "target-exists": "目标已存在" / "换一个输出位置" / "The target exists already." / "Choose another target.";
    Refusal "nothing-to-deliver": "没有可交付的记录" / "先拍摄；被转交的记录须先更正名册" / "No record can be delivered." / "Shoot first; referred records need a corrected roster.";

    Void "document-taken": "证件被取走，本次作废" / "请把证件放回并重新开始" / "The document was taken away; the sitting is void." / "Put the document back and start again.";
    Void "document-changed": "证件被更换，本次作废" / "核对证件与本人，重新开始" / "The document was changed; the sitting is void." / "Check document and person, start again.";
    Void "reader-gone": "读卡器断开" / "检查读卡器和服务" / "The reader is gone." / "Check the reader and its service.";
    Void "reader-lost": "读卡器断开，本次作废" / "检查读卡器和服务，重新开始" / "The reader was lost; the sitting is void." / "Check the reader and its service, start again.";
    Void "camera-lost": "相机断开或停顿，本次作废" / "检查相机，重新开始" / "The camera was lost or stalled; the sitting is void." / "Check the camera, start again.";
    Void "camera-interrupted": "相机中断过，本次作废" / "重新开始" / "The camera was interrupted; the sitting is void." / "Start again.";
    Void "voided-by-operator": "操作员作废" / "重新开始" / "The operator gave the sitting up." / "Start again.";
    Void "restarted": "采集中途重启，本次作废" / "重新开始" / "The station was restarted in mid-sitting; that sitting is void." / "Start again.";
    Void "timed-out": "超时，本次作废" / "重新开始" / "The sitting took too long." / "Start again.";
    Void "record-refused": "数据库拒绝了该记录" / "停止使用并报告" / "The database refused the record." / "Stop and report.";
    Void "record-not-written": "记录无法写入磁盘" / "检查磁盘空间和权限" / "The record could not be written." / "Check disk space and permissions.";

    Fault "no-document": "等待时间内没有证件" / "放上证件再试" / "No document came in time." / "Put the document on and try again.";
    Fault "reader-not-ready": "读卡器未就绪" / "检查读卡器服务（pcscd）、读卡器与名称" / "The reader is not ready." / "Check the reader service (pcscd), the reader and its name.";
    Fault "camera-not-ready": "相机未就绪" / "检查相机、线缆和权限" / "The camera is not ready." / "Check camera, cable and permissions.";
    Fault "not-a-job": "该文件夹不是任务" / "先用 job create 建立任务" / "This folder holds no job." / "Create one with job create.";
    Fault "disk": "磁盘或数据库故障" / "检查磁盘空间和权限" / "Disk or database fault." / "Check disk space and permissions.";
    Fault "file-unreadable": "文件读不出来" / "检查路径和权限" / "The file cannot be read." / "Check path and permissions.";
    Fault "vision": "人脸模型故障" / "重新安装程序" / "The face models failed." / "Install the program again.";
}
