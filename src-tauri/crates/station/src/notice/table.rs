//! The table of notices, in the order of the manual.
//!
//! A remedy tells a photographer or a registrar what to do now. Where one code can come from
//! two places, its text serves both.

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
    // The document and who it says is there.
    Refusal "not-on-roster":
        "证件号码不在本任务名册中" / "请学生到登记处核对；名册有误时由登记处更正后再来"
        / "The number of the document is not on the roster of this job."
        / "Send the student to the registrar; if the roster is wrong it is corrected there first.";
    Refusal "check-digit-wrong":
        "号码校验位不符" / "证件：取下重读，仍不符换读卡器；名册：对照证件更正该号码"
        / "The check digit of the number is wrong."
        / "Document: take it off and read it again, then try another reader. Roster: correct the number from the document.";
    Refusal "number-invalid":
        "号码不合规则（长度、字符、地区或出生日期）" / "证件：取下重读，仍不符送登记处；名册：对照证件更正该号码"
        / "The number breaks the rules of identity numbers (length, characters, region or birth date)."
        / "Document: read it again; if it stays, send it to the registrar. Roster: correct the number from the document.";
    Refusal "name-differs":
        "姓名与名册不一致" / "不要拍摄；请登记处核对改名或录入错误，必要时转交（--refer-by）"
        / "The name on the document differs from the roster."
        / "Do not shoot; let the registrar settle a renaming or a typing error, or refer the case (--refer-by).";
    Refusal "name-needs-a-look":
        "姓名仅部分一致，需人工核对" / "不加 --auto 重来，由值守人员比对姓名"
        / "The name agrees only as far as the card tells it; somebody has to look."
        / "Repeat the sitting without --auto and compare the names.";
    Refusal "document-contradicts":
        "证件上的出生日期或性别与号码矛盾" / "取下证件重读；仍矛盾请送登记处"
        / "Birth date or sex on the document contradict its own number."
        / "Read it again; if it stays, send it to the registrar.";
    Refusal "document-expired":
        "证件已过期" / "请出示有效证件"
        / "The document has expired."
        / "Ask for a valid document.";
    Refusal "document-not-yet-valid":
        "证件尚未生效" / "核对本机日期；日期无误时请出示有效证件"
        / "The document is not valid yet."
        / "Check the date of this machine; if it is right, ask for a valid document.";
    Refusal "ambiguous-entry":
        "同一证件号对应多个学籍" / "问清学号后用 --student-number 重来"
        / "One number has several enrolments."
        / "Ask for the student number and start again with --student-number.";
    Refusal "claim-differs":
        "输入的学号不属于该证件" / "核对学号后重来"
        / "The typed student number does not belong to this document."
        / "Check the student number and start again.";
    Refusal "already-filed":
        "已有归档照片且未标记重拍" / "如需重拍，先用 record flag 标记并写明原因"
        / "A portrait is on file and was not flagged."
        / "To shoot again, flag the record with a reason first (record flag).";
    Refusal "reads-disagree":
        "两次读卡不一致" / "取下证件，放稳后重来"
        / "Two reads of the document do not agree."
        / "Take the document off, put it back and keep it still.";
    Refusal "document-unreadable":
        "证件读不出来" / "取出证件套，放平、放稳；仍不行换一台读卡器"
        / "The document could not be read."
        / "Take it out of its cover and lay it flat and still; if that fails, try another reader.";
    Refusal "document-unsupported":
        "此证件或此读卡器读不了" / "使用居民身份证和带安全模块（SAM）的读卡器；普通读卡器读不出身份证"
        / "This document cannot be read in this reader."
        / "Use a resident card in a reader with a security module (SAM); a plain reader cannot read one.";
    Refusal "document-invalid":
        "证件数据不合规范" / "取下重读；仍不行请送登记处"
        / "The data on the document are not valid."
        / "Read it again; if it stays, send it to the registrar.";
    Refusal "reader-busy":
        "读卡器被其他程序占用" / "关闭其他读卡程序"
        / "Another program holds the reader."
        / "Close the other program.";
    Refusal "document-not-removed":
        "上一张证件还没有取走" / "先取走证件，再放新的"
        / "The last document has not been taken off."
        / "Take the document off first, then put the next one on.";
    Refusal "second-document":
        "读卡器上有第二张证件" / "全部取下，只放就座者本人的证件"
        / "A second document is on a reader."
        / "Take all of them off; put only the document of the person in the chair.";
    Refusal "pile-of-documents":
        "一分钟内读了几个人的证件，一个也没有拍" / "不要代放证件：请就座的人自己放，拍完再换下一位"
        / "Several people's documents were read within a minute, and nobody was photographed."
        / "No documents on behalf of others: whoever sits puts their own; the next one after the portrait.";

    // The frame, the portrait and its acceptance. `verify` gives the codes of frames as well.
    Refusal "not-seated":
        "还没有核验通过的人就座" / "先放证件，核验通过后再按快门"
        / "Nobody is seated: there is nothing to expose."
        / "Document first; press when it is verified.";
    Refusal "portrait-waits":
        "已有一张照片等待确认" / "归档它（accept），或先重照（retake）再按快门"
        / "A portrait waits already."
        / "File it (accept), or retake first and press then.";
    Refusal "frame-before-seat":
        "画面早于就座时刻" / "再按一次快门，相机有延迟时等一秒；verify 报出时不要交付该记录，标记后重拍"
        / "The frame is older than the seat."
        / "Press again; wait a second if the camera lags. When verify names it: do not deliver the record, flag it and shoot again.";
    Refusal "frame-stale":
        "按下快门时画面已过时（超过 250 毫秒）" / "检查相机和线缆，再按一次；verify 报出时不要交付该记录，标记后重拍"
        / "The frame was older than 250 ms at the press."
        / "Check camera and cable, then press again. When verify names it: do not deliver the record, flag it and shoot again.";
    Refusal "frame-other-epoch":
        "就座之后相机中断过" / "重新开始本次采集；verify 报出时不要交付该记录，标记后重拍"
        / "The camera was interrupted between seat and frame."
        / "Start the sitting again. When verify names it: do not deliver the record, flag it and shoot again.";
    Refusal "frame-repeated":
        "画面与之前完全相同：相机可能卡死" / "拔插相机后重来"
        / "The frame repeats an earlier one byte for byte: the camera may be frozen."
        / "Unplug the camera, plug it in, start again.";
    Refusal "frame-from-the-future":
        "画面的拍摄时间晚于到达时间：时钟有误" / "重新测量相机时钟（camera clock）；verify 报出时不要交付该记录，标记后重拍"
        / "The frame claims to be born after it arrived: a clock is wrong."
        / "Measure the camera's clock again (camera clock). When verify names it: do not deliver the record, flag it and shoot again.";
    Refusal "no-frame":
        "没有收到画面" / "检查相机，再按一次"
        / "No frame came in time."
        / "Check the camera and press again.";
    Refusal "picture-without-exif":
        "照片没有可用的 EXIF 时间" / "打开相机的日期时间记录；正式任务不接受无时间的照片"
        / "The picture carries no usable EXIF time."
        / "Let the camera write date and time; a production job takes no picture without.";
    Refusal "camera-clock-unmeasured":
        "本任务未测量该相机的时钟" / "用相机拍下站点的时间码：likeness-ctl camera clock"
        / "The camera's clock has not been measured for this job."
        / "Photograph the station's clock code: likeness-ctl camera clock.";
    Refusal "portrait-refused":
        "照片不符合规范" / "按所列不合格项调整后重照"
        / "The portrait does not meet the photo standard."
        / "Do what the finding says and shoot again.";
    Refusal "portrait-foreign":
        "照片并非来自本次画面，已拒绝" / "作废本次，重启程序后再拍"
        / "The portrait was not made from the frame of this sitting and was refused."
        / "Void the sitting, restart the program, then shoot again.";
    Refusal "nothing-to-accept":
        "没有可确认的照片" / "先拍摄，等照片显示后再确认"
        / "There is no portrait to accept."
        / "Expose first and wait until the portrait is shown.";
    Refusal "accepted-already":
        "这张照片已经确认过" / "无需再按"
        / "The portrait was accepted already."
        / "Nothing to do.";
    Refusal "stale-token":
        "确认的不是当前显示的照片" / "看清当前照片后再确认"
        / "What was accepted is not what is shown."
        / "Look at what is shown now, then accept.";
    Refusal "late-result":
        "结果属于已结束的采集，已丢弃" / "无需处理"
        / "A result came for a sitting that is over and was dropped."
        / "Nothing to do.";
    Refusal "sitting-over":
        "采集已结束，多余的命令未执行" / "开始新的采集"
        / "The sitting was over; the command was not carried out."
        / "Start a new sitting.";

    // Devices that a job does not admit, and the camera's clock.
    Refusal "simulated-device":
        "正式任务不能使用模拟设备" / "使用真实设备，或另建训练任务（--training）"
        / "A simulated device cannot be used in a production job."
        / "Use real devices, or create a training job (--training).";
    Refusal "nokhwa-in-production":
        "Linux 上 nokhwa 仅限训练任务" / "改用 --camera v4l"
        / "On Linux nokhwa opens in training jobs only."
        / "Use --camera v4l.";
    Refusal "booth-open":
        "拍摄台已经打开" / "先关闭拍摄台，再用新的设备打开"
        / "The booth is open already."
        / "Close it first, then open it with the new devices.";
    Refusal "job-found-wrong":
        "任务数据被改动过，不拍摄也不交付" / "不要拍摄、不要交付；运行 verify 查看哪些行不对，用能通过 verify 的备份恢复"
        / "The job was changed behind the station's back; nobody is photographed and nothing delivered."
        / "Do not shoot and do not deliver; verify tells which rows are wrong. Restore a backup that verifies.";
    Refusal "operator-missing":
        "没有填写由谁操作或决定" / "填写姓名"
        / "Nobody is named who answers for it."
        / "Type a name.";
    Refusal "referral-needs-another":
        "转交需要另一位在场的人负责" / "有人值守时，由操作员以外的人填写 --refer-by"
        / "A referral needs a second person, and somebody present."
        / "Repeat it attended, with --refer-by naming somebody other than the operator.";
    Refusal "no-job-open":
        "没有打开任务" / "先打开或新建一个任务"
        / "No job is open."
        / "Open a job or create one first.";
    Refusal "no-demo":
        "本程序不是以演示方式启动的，或没有这个人" / "用 cargo xtask booth 启动演示，再选名单里的人"
        / "The station was not started with a demo, or the demo has nobody of this name."
        / "Start it with cargo xtask booth, then choose somebody of its list.";
    Refusal "devices-unchosen":
        "还没有选择读卡器和相机" / "在“设备”里各选一个"
        / "No reader and camera have been chosen."
        / "Choose one of each under Devices.";
    Refusal "device-unknown":
        "不认识这个设备名称" / "在“设备”里从列表中选择"
        / "The name of the device cannot be read."
        / "Choose from the list under Devices.";
    Fault "settings-unreadable":
        "本机记住的设置读不出来，没有采用" / "重新选择设备、操作员和遥控键；需要旧设置时，请先请系统管理员查看括号中的文件，再改任何设置"
        / "What this station remembers could not be read (in brackets) and is not used."
        / "Choose devices, operator and remote trigger again; if the old ones are wanted, let the administrator look at the file before anything is changed.";
    Refusal "remote-key-space":
        "空格本来就能拍摄" / "发空格的踏板和遥控器不用学，直接用"
        / "Space exposes anyway."
        / "A pedal or presenter that sends Space works as it is; there is nothing to learn.";
    Refusal "remote-key-own":
        "这个键在拍摄时另有用途：归档、作废、重照、换一张、放大或帮助" / "换一个按钮，最好是“下一页”（PageDown）。同一个按钮轮流发 F5 和 Esc 的不要用，Esc 会作废"
        / "This key has a meaning of its own in the booth: it files, voids, retakes, chooses, magnifies or helps."
        / "Take another button, best the one for the next page (PageDown). Do not take one that sends F5 and Esc in turn: Esc voids.";
    Refusal "remote-key-typed":
        "字母和数字是扫码枪整天在打的" / "换一个按钮：下一页、上一页、F5 或句号都可以；踏板能设置的，设成 PageDown"
        / "Letters and digits are what scanners type all day."
        / "Take another button: next page, previous page, F5 or the full stop will do. Set a pedal that can be set to PageDown.";
    Refusal "remote-key-system":
        "窗口或系统要用这个键，或者认不出它" / "换一个按钮，不要同时按 Ctrl、Alt 或 Shift；最好是“下一页”（PageDown）"
        / "The window or the system needs this key, or cannot name it."
        / "Take another button, without Ctrl, Alt or Shift; best the one for the next page (PageDown).";
    Refusal "picture-gone":
        "这张照片已不在屏幕上" / "看当前显示的照片"
        / "The picture is no longer shown."
        / "Look at what is shown now.";
    Refusal "work-cancelled":
        "已按要求停止" / "需要时重新开始；已完成的部分保留"
        / "It was stopped as asked."
        / "Start it again when you want it; what was done stays.";
    Refusal "work-busy":
        "另一项工作还在进行" / "等它完成或取消它"
        / "Other work is still going on."
        / "Wait until it is done, or cancel it.";
    Refusal "already-flagged":
        "该记录已经标记过" / "直接请学生来重拍"
        / "The record is flagged already."
        / "Just shoot the student again.";
    Refusal "nothing-filed":
        "该学生还没有归档照片" / "先拍摄；没有照片就没有可标记的"
        / "Nothing is on file for this student."
        / "Shoot first; there is no portrait to flag.";
    Refusal "clock-needs-folder":
        "只有监视文件夹的相机需要测量时钟" / "改用 --camera folder:DIR；其他相机直接拍摄"
        / "Only the camera of a watched folder needs its clock measured."
        / "Name it as --camera folder:DIR; with any other camera just shoot.";
    Refusal "clock-no-picture":
        "等待时间内没有新照片进入文件夹" / "把时间码显示在屏幕上，拍一张，并检查照片是否传入该文件夹"
        / "No new picture came into the folder in time."
        / "Show the clock code on a screen, photograph it, and check that pictures arrive in this folder.";
    Refusal "clock-not-a-picture":
        "新文件不是完整的照片" / "再拍一张，等传输完成"
        / "The new file is not a whole picture."
        / "Take another one and let the transfer finish.";
    Refusal "clock-no-code":
        "照片中读不出时间码" / "靠近屏幕、对好焦、避开反光，再拍一张"
        / "The clock code cannot be read in the picture."
        / "Go closer to the screen, focus, avoid glare, and take another one.";
    Refusal "clock-no-exif":
        "时间码照片没有 EXIF 时间" / "打开相机的日期时间记录，再拍一张"
        / "The picture of the clock code carries no EXIF time."
        / "Let the camera write date and time, and take another one.";
    Refusal "clock-no-body":
        "照片没有写明是哪台相机" / "让传输软件保留照片的元数据，再拍一张"
        / "The picture does not say which camera took it."
        / "Let the transfer program keep the picture's metadata, and take another one.";

    // Jobs, records, files and profiles.
    Refusal "job-busy":
        "另一个程序正在使用该任务" / "关闭另一个程序后再试"
        / "Another process holds this job."
        / "Close the other program and try again.";
    Refusal "job-exists":
        "文件夹已存在且不为空" / "换一个文件夹"
        / "The folder exists and is not empty."
        / "Choose another folder.";
    Refusal "unknown-student":
        "这不可能是学号" / "核对学号（最多 32 个字母、数字、-、_ 或 .）"
        / "This cannot be a student number."
        / "Check it (up to 32 letters, digits, - _ and .).";
    Refusal "record-unknown":
        "名册中没有该学号，或还没有这样的记录" / "核对学号和代次；还没有照片时先拍摄"
        / "The roster has no such student number, or there is no such record."
        / "Check student number and generation; if nothing is on file, shoot first.";
    Refusal "record-refused":
        "数据库按规则拒绝写入（规则名见括号）" / "flagged-already：已经标记过，直接重拍；其他规则：停止拍摄，运行 verify"
        / "A rule of the database refused the row (its name is in brackets)."
        / "flagged-already: it is flagged, just shoot again. Any other rule: stop shooting and run verify.";
    Refusal "reason-unknown":
        "没有这个标记原因" / "使用括号中列出的代码"
        / "There is no such reason."
        / "Use one of the codes in brackets.";
    Refusal "profile-unknown":
        "没有这个照片规范" / "用手册列出的名称（national 等），或以 .toml 结尾的规范文件"
        / "There is no profile of this name."
        / "Use a name that the manual lists (national and others), or a file that ends in .toml.";
    Refusal "profile-name-taken":
        "自备的照片规范与内置的同名" / "在规范文件中改 name，再建任务"
        / "A profile of your own has the name of one that ships with the program."
        / "Change name in the profile's file, then create the job.";
    Refusal "normalised-none":
        "该记录没有换底副本" / "只有规范写明 normalise = true 且背景可用时才有副本；照片本身照常导出"
        / "The record has no copy with an even background."
        / "Copies are made only where the profile says normalise = true and enough background is seen; the portrait itself can be exported.";
    Refusal "profile-syntax":
        "照片规范文件读不懂" / "按括号中的行号和键名改正"
        / "The profile cannot be read."
        / "Correct the line and key in brackets.";
    Refusal "profile-contradiction":
        "照片规范自相矛盾" / "按括号中的说明改正数值"
        / "The profile contradicts itself."
        / "Correct the numbers in brackets.";
    Refusal "target-exists":
        "目标已存在，未覆盖" / "换一个输出位置"
        / "The target exists already; nothing was overwritten."
        / "Choose another target.";
    Refusal "folder-without-pictures":
        "文件夹中没有照片" / "核对文件夹；照片是 JPEG 或 PNG 文件，不看子文件夹"
        / "There is no picture in this folder."
        / "Check the folder; pictures are JPEG or PNG files, and subfolders are not looked at.";
    Refusal "sheet-of-a-folder":
        "一览页是给文件夹的，这里只有一个文件" / "给出文件夹，或去掉 --sheet"
        / "The contact sheet is of a folder, and this is one file."
        / "Give a folder, or leave --sheet out.";
    Refusal "overlay-of-one-file":
        "背景图是给单个文件的，这里是文件夹" / "给出单个文件，或用 --sheet"
        / "The picture of the background is of one file, and this is a folder."
        / "Give one file, or use --sheet.";
    Refusal "names-collide":
        "两张以上照片会写成同一个文件名" / "给原片取不同的名字（不计扩展名和大小写）再制作"
        / "Two or more pictures would be written under one name."
        / "Give the pictures different names (apart from ending and case) and make them again.";
    Refusal "clock-old-code":
        "拍到的是以前的时钟码" / "对着屏幕上正在显示的时钟码再拍一张"
        / "The clock code in the picture is an old one."
        / "Photograph the code that is on the screen now.";
    Refusal "picture-format-unknown":
        "文件既不是 JPEG 也不是 PNG" / "换一个文件，或在相机中改为 JPEG"
        / "The file is neither a JPEG nor a PNG."
        / "Take another file, or set the camera to JPEG.";
    Refusal "picture-truncated":
        "照片不完整，后半部分缺失" / "等传输完成后再读，或重新拷贝原件"
        / "The picture is cut off."
        / "Let the transfer finish, or copy the original again.";
    Refusal "picture-damaged":
        "照片已损坏" / "重新拷贝原件，或重拍"
        / "The picture is damaged."
        / "Copy the original again, or shoot again.";
    Refusal "picture-too-large":
        "照片像素过多（上限六千万）" / "在相机中选小一档的尺寸"
        / "The picture has more than 60 million pixels."
        / "Set the camera to a smaller size.";
    Refusal "picture-unsupported":
        "照片的颜色格式不支持（CMYK、12 位或透明）" / "另存为普通 RGB 的 JPEG"
        / "The picture's kind of colour is not supported (CMYK, 12 bit, transparency)."
        / "Save it as a plain RGB JPEG.";

    // The roster as a whole.
    Refusal "roster-too-large":
        "文件超出名册应有的规模" / "确认没有选错文件；确需时拆成几份导入"
        / "The file is larger than a roster can be."
        / "Make sure it is the right file; if it is, split it.";
    Refusal "roster-damaged":
        "名册文件损坏或不完整" / "用表格软件打开，另存为 xlsx"
        / "The roster file is damaged or cut off."
        / "Open it in a spreadsheet program and save it as xlsx.";
    Refusal "roster-web-page":
        "文件其实是网页，不是工作簿" / "用表格软件打开，另存为 xlsx"
        / "The file is a web page and no workbook."
        / "Open it in a spreadsheet program and save it as xlsx.";
    Refusal "roster-password":
        "工作簿有密码保护" / "取消密码后另存"
        / "The workbook is protected by a password."
        / "Save it without one.";
    Refusal "roster-encoding":
        "无法识别文字编码" / "另存为 xlsx，或 UTF-8 的 csv"
        / "The encoding of the text is unknown."
        / "Save it as xlsx, or as csv in UTF-8.";
    Refusal "roster-no-header":
        "前 10 行没有表头" / "第一行写上列名：学号、姓名、身份证号"
        / "There is no header within the first 10 rows."
        / "Name the columns 学号, 姓名 and 身份证号 in the first row.";
    Refusal "roster-columns-missing":
        "缺少必需的列" / "补上括号中的列"
        / "A required column is missing."
        / "Add the columns in brackets.";
    Refusal "roster-column-repeated":
        "必需的列出现了两次" / "只留一列，其余删除或改名"
        / "A required column stands there twice."
        / "Keep one; delete or rename the other.";
    Refusal "roster-several-sheets":
        "工作簿中有几张表都像名册" / "只保留一张工作表"
        / "Several sheets of the workbook hold a roster."
        / "Keep one sheet in the file.";
    Refusal "roster-empty":
        "表头下面没有数据" / "重新导出带数据的名册"
        / "There is no row below the header."
        / "Export the roster again, with its rows.";

    // Delivery.
    Refusal "nothing-to-deliver":
        "没有可交付的记录" / "先拍摄；被转交的记录须先更正名册"
        / "No record can be delivered."
        / "Shoot first; referred records need a corrected roster.";
    Refusal "package-names-collide":
        "有两个学号不能在同一磁盘上作文件名" / "在名册中更正学号后重新导入"
        / "Two student numbers cannot be file names side by side."
        / "Correct the student numbers in the roster and import it again.";
    Refusal "package-entry-repeated":
        "同一条目在缺照名单中出现两次" / "对任务运行 verify"
        / "An entry stands twice among the missing ones."
        / "Run verify on the job.";
    Refusal "package-portrait-differs":
        "照片与确认时的不同，未交付" / "运行 verify 找出该记录，标记后重拍"
        / "A portrait is not the one that was accepted; nothing was delivered."
        / "Run verify to find the record, flag it and shoot again.";
    Refusal "package-text-unusable":
        "有条目的文字无法写入索引表" / "在名册中更正该文字后重新导入"
        / "A text of an entry cannot be written into the index."
        / "Correct the text in the roster and import it again.";
    Refusal "package-cancelled":
        "交付已中止，没有留下文件" / "需要时重新交付"
        / "The delivery was stopped; nothing was left behind."
        / "Deliver again when you want to.";

    // A sitting that had begun.
    Void "document-taken":
        "证件被取走，本次作废" / "请把证件放回并重新开始"
        / "The document was taken away; the sitting is void."
        / "Put the document back and start again.";
    Void "document-changed":
        "证件被更换，本次作废" / "核对证件与本人，重新开始"
        / "The document was changed; the sitting is void."
        / "Check document and person, start again.";
    Void "reader-gone":
        "读证时读卡器断开" / "插好读卡器，确认读卡器服务在运行，重新开始"
        / "The reader went away during a read."
        / "Plug the reader in, see that its service runs, start again.";
    Void "reader-lost":
        "读卡器断开，本次作废" / "插好读卡器，确认读卡器服务在运行，重新开始"
        / "The reader was lost; the sitting is void."
        / "Plug the reader in, see that its service runs, start again.";
    Void "camera-lost":
        "相机断开或停顿，本次作废" / "检查相机和线缆，重新开始"
        / "The camera was lost or stalled; the sitting is void."
        / "Check camera and cable, start again.";
    Void "camera-interrupted":
        "相机中断过，本次作废" / "检查线缆，重新开始"
        / "The camera was interrupted; the sitting is void."
        / "Check the cable, start again.";
    Void "voided-by-operator":
        "操作员放弃了本次采集" / "取走证件后重新开始"
        / "The operator gave the sitting up."
        / "Take the document off and start again.";
    Void "restarted":
        "上一次采集中途程序中断，该次作废" / "请该学生重新开始"
        / "The program ended in mid-sitting; that sitting is void."
        / "Let that student start again.";
    Void "timed-out":
        "用时过长，本次作废" / "取走证件后重新开始"
        / "The sitting took too long and is void."
        / "Take the document off and start again.";
    Void "record-not-written":
        "记录无法写入磁盘，本次作废" / "检查磁盘空间和权限，再拍一次"
        / "The record could not be written; the sitting is void."
        / "Check disk space and permissions, then shoot again.";

    // Findings: the portrait against the photo standard.
    Finding "unreadable":
        "照片不是完整的 JPEG" / "重新导出或重拍"
        / "The portrait is no complete JPEG."
        / "Export it again or shoot again.";
    Finding "pixel-size":
        "像素尺寸与规范不同" / "用 portrait make 从原片重新制作"
        / "The size in pixels is not that of the profile."
        / "Make it anew from the original with portrait make.";
    Finding "density":
        "分辨率标记（dpi）与规范不同" / "用 portrait make 从原片重新制作"
        / "The resolution tag (dpi) is not that of the profile."
        / "Make it anew from the original with portrait make.";
    Finding "components":
        "不是 24 位彩色" / "用 portrait make 从彩色原片重新制作"
        / "It is not 24-bit colour."
        / "Make it anew from a colour original with portrait make.";
    Finding "subsampling":
        "色度采样不是 4:2:0" / "仅供参考，可以使用；本程序制作的照片为 4:2:0"
        / "The colour is not sampled 4:2:0."
        / "It can be used; portraits made here are 4:2:0.";
    Finding "too-few-bytes":
        "文件小于规定下限" / "对好焦、调亮灯光后重照；不要填充文件"
        / "The file has fewer bytes than the window allows."
        / "Focus, give more light and shoot again; do not pad the file.";
    Finding "too-many-bytes":
        "文件大于规定上限" / "换平整的背景布，降低相机感光度后重照"
        / "The file has more bytes than the window allows."
        / "Smooth the cloth, lower the camera's ISO, and shoot again.";
    Finding "quality-too-low":
        "JPEG 品质低于规定" / "用 portrait make 从原片重新制作"
        / "The JPEG quality is under the floor."
        / "Make it anew from the original with portrait make.";
    Finding "carries-metadata":
        "文件带有元数据，可能含姓名或地点" / "用 portrait make 重新制作后再交出"
        / "The file carries metadata, which may hold names or places."
        / "Make it anew with portrait make before it leaves the house.";
    Finding "no-face":
        "没有找到人脸" / "请坐正、面向镜头，检查灯光"
        / "No face was found."
        / "Let the subject sit up and face the camera; check the light.";
    Finding "several-faces":
        "画面中不止一张脸" / "请其他人离开画面后重照"
        / "There is more than one face."
        / "Let everybody else leave the picture and shoot again.";
    Finding "landmarks-unsure":
        "五官定位不准" / "请正对镜头、露出面部，对好焦后重照"
        / "The landmarks of the face are unsure."
        / "Let the subject face the camera with the face free; focus and shoot again.";
    Finding "not-upright":
        "头不是正立的" / "照片或相机横放、倒放了：转正后再照"
        / "The head is not upright."
        / "The picture, or the camera, lies on its side or stands on its top: turn it and shoot again.";
    Finding "crown-unsure":
        "头顶与背景分不清" / "打亮背景或换背景布，使头发与背景分开，再照"
        / "The top of the head cannot be told from the background."
        / "Light the background or change it, so that hair and cloth differ, and shoot again.";
    Finding "implausible-face":
        "测得的尺寸不像正立的人脸" / "把相机放正，请坐直后重照"
        / "The measures are not those of an upright face."
        / "Set the camera upright, let the subject sit up, and shoot again.";
    Finding "crown-out-of-band":
        "头顶离上边沿的距离不合格" / "调整相机高低或远近后重照"
        / "The top of the hair is outside its band."
        / "Raise, lower or move the camera and shoot again.";
    Finding "eye-line-out-of-band":
        "眼睛离上边沿的距离不合格" / "调整相机高低或远近后重照"
        / "The eye line is outside its band."
        / "Raise, lower or move the camera and shoot again.";
    Finding "face-width-out-of-band":
        "脸部宽度不合格" / "调整相机远近后重照"
        / "The width of the face is outside its band."
        / "Move the camera nearer or farther and shoot again.";
    Finding "off-centre":
        "脸不在正中" / "请向中间挪一点后重照"
        / "The face is not in the middle."
        / "Let the subject move to the middle and shoot again.";
    Finding "eyes-tilted":
        "两眼不水平" / "请把头摆正后重照"
        / "The eyes are not level."
        / "Let the subject hold the head straight and shoot again.";
    Finding "frame-too-tight-above":
        "头顶上方留得太少" / "抬高镜头或拉远后重照"
        / "There is too little picture above the head."
        / "Tilt the camera up or step back, and shoot again.";
    Finding "frame-too-tight-below":
        "头部下方留得太少" / "压低镜头或拉远后重照"
        / "There is too little picture below the head."
        / "Tilt the camera down or step back, and shoot again.";
    Finding "frame-too-tight-left":
        "画面左侧留得太少（人太靠画面左边）" / "镜头转向左边，或请被采集人向自己的左手边挪一点，然后重照"
        / "There is too little picture on the left: the head is too near the left edge."
        / "Turn the camera to the left, or let the subject move to their own left, and shoot again.";
    Finding "frame-too-tight-right":
        "画面右侧留得太少（人太靠画面右边）" / "镜头转向右边，或请被采集人向自己的右手边挪一点，然后重照"
        / "There is too little picture on the right: the head is too near the right edge."
        / "Turn the camera to the right, or let the subject move to their own right, and shoot again.";
    Finding "frame-too-tight-aside":
        "头部左右两侧都留得太少" / "把镜头拉远，或换成更宽的画面后重照"
        / "There is too little picture on the left and on the right."
        / "Step back or zoom out, or use a wider picture, and shoot again.";
    Finding "frame-too-tight-above-below":
        "头部上方和下方都留得太少" / "把镜头拉远，或把相机竖起来后重照"
        / "There is too little picture above and below the head."
        / "Step back or zoom out, or turn the camera upright, and shoot again.";
    Finding "frame-too-tight-above-left":
        "头部上方和画面左侧留得太少" / "镜头抬高并转向左边，或拉远后重照"
        / "There is too little picture above the head and on the left."
        / "Turn the camera up and to the left, or step back, and shoot again.";
    Finding "frame-too-tight-above-right":
        "头部上方和画面右侧留得太少" / "镜头抬高并转向右边，或拉远后重照"
        / "There is too little picture above the head and on the right."
        / "Turn the camera up and to the right, or step back, and shoot again.";
    Finding "frame-too-tight-below-left":
        "头部下方和画面左侧留得太少" / "镜头压低并转向左边，或拉远后重照"
        / "There is too little picture below the head and on the left."
        / "Turn the camera down and to the left, or step back, and shoot again.";
    Finding "frame-too-tight-below-right":
        "头部下方和画面右侧留得太少" / "镜头压低并转向右边，或拉远后重照"
        / "There is too little picture below the head and on the right."
        / "Turn the camera down and to the right, or step back, and shoot again.";
    Finding "frame-too-tight":
        "头部四周留得太少" / "把镜头拉远后重照"
        / "There is too little picture around the head, on three sides or on all."
        / "Step back or zoom out, and shoot again.";
    Finding "resolution-too-low":
        "人脸像素太少" / "靠近一些，或提高相机分辨率后重照"
        / "The face has too few pixels."
        / "Move nearer or set the camera to a higher resolution, and shoot again.";
    Finding "enlarged":
        "照片由画面放大而成，仍在限度内" / "可以使用；靠近一些会更清晰"
        / "The portrait is an enlargement, within the limit."
        / "It can be used; nearer is sharper.";
    Refusal "normalising-not-allowed":
        "所选照片规范不允许统一背景" / "不用 --normalise；接收方确实要求时，在自备的规范文件 [background] 中写 normalise = true"
        / "The profile does not allow the background to be normalised."
        / "Leave --normalise out; where the receiver asks for it, write normalise = true into [background] of a profile of your own.";
    Finding "background-unseen":
        "露出的背景太少，无法统一" / "照片本身可以用；需要副本时拉远一些重照"
        / "Too little of the background is seen to normalise it."
        / "The portrait itself can be used; for the copy step back and shoot again.";
    Finding "close-to-band":
        "有一项刚刚合格，复检可能判为不合格" / "可以使用；能重照就退后一些再照"
        / "A band is met so narrowly that another check may find it missed."
        / "It can be used; better step back and shoot again.";
    Finding "background-colour":
        "背景颜色与规范不符" / "换成规定颜色的背景，照匀背景灯后重照"
        / "The background is not the colour of the profile."
        / "Use the cloth of the profile, light it evenly, and shoot again.";
    Finding "head-share":
        "头部在画面中占得太大或太小" / "可以使用；请前后移动一点，重照更好"
        / "The head takes too little or too much of the height."
        / "It can be used; better let the subject move a little nearer or back, and shoot again.";
    Finding "head-turned":
        "头转向一侧" / "请正对镜头，两耳对称，然后重照"
        / "The head is turned to a side."
        / "Let the subject face the camera so that both ears show alike, and shoot again.";
    Finding "chin-off-level":
        "下巴可能抬高或压低了（单张照片难以断定）" / "请对照画面查看；确实如此就把下巴放平后重照"
        / "The chin may be raised or lowered, as far as one picture can tell."
        / "Look at the picture; if it is so, let the subject level the chin, and shoot again.";
    Finding "eyes-closed":
        "眼睛可能闭着（眼睛细长的人也会如此）" / "请放大查看；确实闭眼就重照"
        / "The eyes may be closed; narrow eyes may look so, too."
        / "Look closely; if they are closed, shoot again.";
    Finding "blink":
        "这一张的眼睛比同一次拍摄的另一张闭得多" / "用左右方向键换一张，或重照"
        / "The eyes are more closed than in another frame of the same press."
        / "Choose another frame with the arrow keys, or shoot again.";
    Finding "mouth-open":
        "嘴唇没有闭合" / "请闭上嘴、表情自然，然后重照"
        / "The lips are apart."
        / "Let the subject close the lips with a natural expression, and shoot again.";
    Finding "glasses-glare":
        "眼镜或眼前有反光" / "请把灯移高或移到侧面，或让眼镜略微下倾，然后重照"
        / "A lamp is reflected in front of an eye."
        / "Move the lamp up or aside, or let the glasses tip down a little, and shoot again.";
    Finding "eyes-covered":
        "头发或镜框可能挡住了眼睛周围" / "请把头发拨开、镜框扶正，露出眉眼后重照"
        / "Hair or a frame may cover what is around the eyes."
        / "Let the subject brush the hair aside or straighten the frame, and shoot again.";
    Finding "gaze":
        "眼睛看向一侧，没有看镜头" / "请双眼正视镜头，不要看屏幕或旁人，然后重照"
        / "The eyes look to a side, past the camera."
        / "Let the subject look into the lens, not at a screen or a person, and shoot again.";
    Finding "blurred":
        "面部不清晰" / "请擦净镜头、重新对焦，或靠近一些，然后重照"
        / "The face has no fine detail."
        / "Wipe the lens, focus anew or move nearer, and shoot again.";
    Finding "motion-blurred":
        "面部有拖影" / "请坐稳不动，或加亮灯光，然后重照"
        / "The face is blurred in one direction."
        / "Let the subject sit still, or give more light, and shoot again.";
    Finding "face-too-dark":
        "面部太暗" / "请加亮正面灯光或增加曝光，然后重照"
        / "Most of the face is too dark."
        / "Give more light from the front or expose longer, and shoot again.";
    Finding "face-too-bright":
        "面部太亮" / "请减弱灯光或减少曝光，然后重照"
        / "The face is too bright."
        / "Dim the lamps or expose shorter, and shoot again.";
    Finding "highlights":
        "面部有过曝的亮斑" / "请把灯移远或加柔光，减少曝光后重照"
        / "Parts of the face are burnt out."
        / "Move the lamps away or soften them, expose shorter, and shoot again.";
    Finding "lit-from-one-side":
        "面部左右明暗不同" / "请把两侧的灯调成一样亮、一样远，然后重照"
        / "One side of the face is brighter than the other."
        / "Set the lamps on both sides equally bright and equally far, and shoot again.";
    Finding "low-contrast":
        "面部层次太少" / "请检查曝光，擦净镜头，避免逆光，然后重照"
        / "The face has few tones."
        / "Check the exposure, wipe the lens, keep light out of it, and shoot again.";
    Finding "unnatural-colour":
        "肤色不自然" / "请重新校准白平衡，关掉彩色灯光，确认不是黑白照片，然后重照"
        / "The skin is far from the colours of skin."
        / "Calibrate the white balance, switch coloured lights off, see that the picture is not grey, and shoot again.";
    Finding "colour-cast":
        "照片偏色" / "请对着灰卡重新校准白平衡，关掉彩色灯光，然后重照"
        / "The picture has a cast of colour."
        / "Calibrate the white balance with a grey card, switch coloured lights off, and shoot again.";
    Finding "background-uneven":
        "背景明暗不均" / "请把背景灯照匀、把背景布拉平，然后重照"
        / "The background is not even."
        / "Light the cloth evenly from both sides, pull it flat, and shoot again.";
    Finding "background-texture":
        "背景有皱褶或花纹" / "请把背景布拉平或熨平，人离背景远一些，然后重照"
        / "The background has folds or a pattern."
        / "Pull or iron the cloth flat, let the subject sit further from it, and shoot again.";
    Finding "background-shadow":
        "背景上有阴影" / "请让人离背景布远一些，或把灯移高、移到侧面，然后重照"
        / "A shadow lies on the background."
        / "Let the subject sit further from the cloth, or move the lamp up or aside, and shoot again.";
    Finding "background-object":
        "背景里有别的东西" / "请移开或遮住背景布以外的东西（门、家具、旁人），然后重照"
        / "Something else than the cloth is in the background."
        / "Take away or cover what is not the cloth (door, furniture, others), and shoot again.";
    Finding "clothes-like-background":
        "衣服与背景颜色太接近" / "请换一件与背景分明的上衣后重照"
        / "The clothes can hardly be told from the background."
        / "Let the subject wear something clearly different from the background, and shoot again.";
    Finding "clothes-blue-green":
        "衣服是蓝色或绿色" / "学校不允许蓝绿色上衣时，请换一件后重照"
        / "The clothes are blue or green."
        / "Where the school does not allow them, let the subject change, and shoot again.";
    Finding "shoulders-tilted":
        "两肩不平" / "请坐正，两肩放平，然后重照"
        / "One shoulder is lower than the other."
        / "Let the subject sit upright with level shoulders, and shoot again.";
    Finding "black-border":
        "照片有黑边" / "用没有黑边的原片，通过 portrait make 重新制作"
        / "A black border surrounds the picture."
        / "Take an original without one and make it anew with portrait make.";

    // What is told to whoever sits before the living picture; left and right are their own.
    Note "guide-nobody":
        "请坐到镜头前" / "没有看到人脸：请坐下，看着镜头，别低头"
        / "Sit down before the camera."
        / "No face is to be seen: let the subject sit down and look up.";
    Note "guide-dark":
        "太暗，请加灯光" / "请加亮正面的灯，或增加曝光"
        / "Too dark: more light."
        / "Give more light from the front, or expose longer.";
    Note "guide-several":
        "画面里只留一个人" / "请旁边和身后的人离开画面"
        / "One person only, please."
        / "Let whoever stands beside or behind step out of the picture.";
    Note "guide-look-here":
        "请看镜头" / "五官看不清楚：请正对镜头，露出整张脸，不要遮挡"
        / "Look into the camera."
        / "The face cannot be measured: let the subject face the camera, nothing before the face.";
    Note "guide-back":
        "坐远一点" / "头占得太大，画面里放不下：往后坐，或把相机移远"
        / "Sit a little further back."
        / "The head is too large for the frame: let the subject sit back, or move the camera away.";
    Note "guide-closer":
        "坐近一点" / "脸在画面里太小：往前坐，或把相机移近"
        / "Come a little closer."
        / "The face is too small in the frame: let the subject come closer, or move the camera.";
    Note "guide-left":
        "往左坐一点" / "往本人的左边移，也就是镜像画面的左边"
        / "Move a little to your left."
        / "To the subject's own left, which is the left of the mirrored picture.";
    Note "guide-right":
        "往右坐一点" / "往本人的右边移，也就是镜像画面的右边"
        / "Move a little to your right."
        / "To the subject's own right, which is the right of the mirrored picture.";
    Note "guide-up":
        "坐高一点" / "头下方的画面不够：坐直、垫高，或把相机放低"
        / "Sit up a little higher."
        / "There is too little picture below the head: sit upright, raise the chair or lower the camera.";
    Note "guide-down":
        "坐低一点" / "头上方的画面不够：把座椅调低，或把相机抬高"
        / "Sit a little lower."
        / "There is too little picture above the head: lower the chair or raise the camera.";
    Note "guide-hair":
        "头发或帽子太高" / "头顶到眼睛太高，裁不出合格的照片：请压平头发，摘下帽子"
        / "Hair or hat reaches too high."
        / "No crop can meet the bands: flatten the hair, take the hat off.";
    Note "guide-crown":
        "头顶看不清" / "头顶和背景分不开：移开头后面的东西，离背景布远一点"
        / "The top of the head is unclear."
        / "It cannot be told from what is behind: clear that away, or sit further from the cloth.";
    Note "guide-tilt-left":
        "头往左偏一点" / "头歪向了本人的右肩：请往本人的左边摆正"
        / "Lean your head a little left."
        / "The head leans to the subject's own right shoulder: straighten it to their left.";
    Note "guide-tilt-right":
        "头往右偏一点" / "头歪向了本人的左肩：请往本人的右边摆正"
        / "Lean your head a little right."
        / "The head leans to the subject's own left shoulder: straighten it to their right.";
    Note "guide-turn-left":
        "脸往左转一点" / "脸转向了本人的右边：请往本人的左边转回来，正对镜头"
        / "Turn your face a little left."
        / "The face is turned to the subject's own right: turn it back to their left.";
    Note "guide-turn-right":
        "脸往右转一点" / "脸转向了本人的左边：请往本人的右边转回来，正对镜头"
        / "Turn your face a little right."
        / "The face is turned to the subject's own left: turn it back to their right.";
    Note "guide-chin-up":
        "下巴抬一点" / "头可能低着：请抬起下巴，平视镜头"
        / "Chin up a little."
        / "The head seems lowered: raise the chin and look straight ahead.";
    Note "guide-chin-down":
        "下巴收一点" / "头可能仰着：请收下巴，平视镜头"
        / "Chin down a little."
        / "The head seems raised: lower the chin and look straight ahead.";
    Note "guide-bright":
        "太亮，请减灯光" / "请减弱灯光或减少曝光"
        / "Too bright: less light."
        / "Dim the lamps, or expose shorter.";

    // Rows of a roster that keep it from being imported.
    Wrong "student-number-empty":
        "没有学号" / "补上学号"
        / "There is no student number."
        / "Fill it in.";
    Wrong "student-number-invalid":
        "学号含有不允许的字符或为系统保留名" / "更正学号"
        / "The student number has characters that it cannot have, or is a reserved name."
        / "Correct it.";
    Wrong "student-number-repeated":
        "学号与另一行重复（不分大小写）" / "保留正确的一行，删除或更正另一行"
        / "Another row has the same student number (letter case aside)."
        / "Keep the right row; delete or correct the other.";
    Wrong "name-empty":
        "没有姓名" / "补上姓名"
        / "There is no name."
        / "Fill it in.";
    Wrong "name-invalid":
        "姓名含控制字符或超过 100 个字符" / "重新录入姓名"
        / "The name has control characters or more than 100 characters."
        / "Type it again.";
    Wrong "name-damaged":
        "姓名中有“?”或“�”：导出时丢了字" / "从学籍系统重新导出，或对照证件补上该字"
        / "The name has a ? or �: a character was lost in an export."
        / "Export the roster again, or fill the character in from the document.";
    Wrong "number-empty":
        "没有证件号码" / "补上证件号码"
        / "There is no document number."
        / "Fill it in.";
    Wrong "number-mangled-by-excel":
        "号码被 Excel 存成了数字，后几位已丢失" / "把该列设为文本，重新填写号码"
        / "Excel kept the number as a number; its last digits are lost."
        / "Format the column as text and fill the numbers in again.";
    Wrong "collection-code-invalid":
        "图像采集码含控制字符或被存成数字" / "把该列设为文本，重新填写"
        / "The collection code has control characters or was kept as a number."
        / "Format the column as text and fill it in again.";
    Wrong "cell-unusable":
        "单元格不是文字（日期、逻辑值、错误）或过长" / "把单元格改为文本并更正内容"
        / "The cell is no text (a date, a truth value, an error) or too long."
        / "Format the cell as text and correct it.";
    Wrong "row-too-long":
        "该行比表头多出单元格，列可能错位" / "对齐该行的各列"
        / "The row has more cells than the header: its columns may have shifted."
        / "Put its cells back under their headers.";

    // Admission photos that are not used.
    Wrong "photo-unreadable":
        "照片文件读不出来" / "检查文件和权限"
        / "The photo cannot be read."
        / "Check the file and its permissions.";
    Wrong "photo-other-file":
        "不是 jpg、jpeg 或 png 文件" / "移出文件夹，或另存为 JPEG"
        / "The file is no jpg, jpeg or png."
        / "Move it out of the folder, or save it as JPEG.";
    Wrong "photo-not-a-picture":
        "文件不是能打开的照片" / "重新导出该照片"
        / "The file is no picture that can be opened."
        / "Export the photo again.";
    Wrong "photo-too-large":
        "照片过大" / "缩小到 8 MiB 以内再导入"
        / "The photo is too large."
        / "Scale it down to less than 8 MiB and import again.";
    Wrong "photo-name-empty":
        "文件名中没有号码" / "用学号或身份证号命名"
        / "The file's name holds no number."
        / "Name it by student number or ID number.";
    Wrong "photo-name-repeated":
        "有两个文件同名（不计大小写、空格和扩展名）" / "只保留正确的一个"
        / "Two files have the same name (case, blanks and ending aside)."
        / "Keep the right one.";
    Wrong "photo-unmatched":
        "名册中没有文件名所写的号码" / "核对文件名与名册"
        / "The roster has no entry with the number of this name."
        / "Compare the file's name with the roster.";
    Wrong "photo-several-entries":
        "该身份证号对应多个学籍" / "改用学号命名"
        / "The ID number has several enrolments."
        / "Name the file by student number.";
    Wrong "photo-two-meanings":
        "文件名既是一人的学号又是另一人的证件号" / "改用另一种号码命名"
        / "The name is one entry's student number and another's document number."
        / "Name the file by the other number.";
    Wrong "photo-several-files":
        "同一人有两个文件" / "只保留正确的一个"
        / "Two files are meant for the same entry."
        / "Keep the right one.";

    // Packages that are not as they were written.
    Wrong "package-manifest-unreadable":
        "清单 manifest.json 缺失或读不出来" / "弃用该交付包，重新交付到新文件夹"
        / "manifest.json is not there or cannot be read."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-manifest-invalid":
        "清单 manifest.json 不合规范" / "弃用该交付包，重新交付到新文件夹"
        / "manifest.json is no valid manifest."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-signature-unreadable":
        "签名 manifest.sig 缺失或无效" / "弃用该交付包，重新交付到新文件夹"
        / "manifest.sig is not there or is no signature."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-signature-wrong":
        "签名与清单或站点公钥不符" / "不要使用该交付包；核对站点密钥文件，然后重新交付"
        / "The signature does not fit the manifest and the station's key."
        / "Do not use the package; check the station's key files, then deliver again.";
    Wrong "package-station-key-differs":
        "交付包由另一站点签名" / "确认用的是该站点的 station.pub；若是，则不要使用该交付包"
        / "The package was signed by another station than the pinned one."
        / "Make sure that station.pub is that station's; if it is, do not use the package.";
    Wrong "package-file-missing":
        "清单中的文件不见了" / "弃用该交付包，重新交付到新文件夹"
        / "A listed file is not there."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-file-changed":
        "清单中的文件被改动过" / "弃用该交付包，重新交付到新文件夹"
        / "A listed file was changed."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-file-extra":
        "多出清单之外的文件" / "移走该文件，再验证一次"
        / "There is a file that the manifest does not list."
        / "Move the file out and verify again.";
    Wrong "package-file-irregular":
        "有链接、设备或指向包外的文件名" / "弃用该交付包，重新交付到新文件夹"
        / "There is a link, a device, or a name that leads out of the package."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-file-repeated":
        "两个文件在有的磁盘上会重名" / "弃用该交付包，重新交付到新文件夹"
        / "Two listed files fall together on some disks."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-name-differs":
        "照片或换底副本的文件名与记录的学号不符" / "弃用该交付包，重新交付到新文件夹"
        / "The name of a portrait or a copy is not its record's student number."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-record-repeated":
        "两条记录学号相同" / "弃用该交付包，重新交付到新文件夹"
        / "Two records have the same student number."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-portrait-repeated":
        "两条记录是同一张照片" / "运行 verify 找出两条记录，比对人脸，标记错误的一条并重拍"
        / "Two records have the very same picture."
        / "Run verify on the job, look at both faces, flag the wrong record and shoot it again.";
    Wrong "package-copy-foreign":
        "换底副本不是由同名照片制作的" / "弃用该交付包，对任务运行 verify，再重新交付"
        / "A copy with an even background was not made from the portrait of its name."
        / "Put the package aside, run verify on the job, then deliver again.";
    Wrong "package-portrait-undecodable":
        "有照片或换底副本打不开" / "对任务运行 verify；任务完好就重新交付"
        / "A portrait or a copy is no JPEG that decodes."
        / "Run verify on the job; if it is good, deliver again.";
    Wrong "package-index-unreadable":
        "索引 index.xlsx 读不出来" / "弃用该交付包，重新交付到新文件夹"
        / "index.xlsx cannot be read."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-index-differs":
        "索引 index.xlsx 与清单不符" / "弃用该交付包，重新交付到新文件夹"
        / "A row of index.xlsx does not fit the manifest."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-missing-differs":
        "缺照名单 missing.xlsx 与清单不符" / "弃用该交付包，重新交付到新文件夹"
        / "missing.xlsx does not fit the manifest."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-counts-differ":
        "清单中的数量与内容不符" / "弃用该交付包，重新交付到新文件夹"
        / "The manifest's counts are not those of its lists."
        / "Put the package aside and deliver again into a new folder.";
    Wrong "package-training-unclear":
        "训练标记与任务类型不符" / "弃用该交付包，重新交付到新文件夹"
        / "A training package does not say so, or another one does."
        / "Put the package aside and deliver again into a new folder.";

    // Jobs that are not as they were written. The codes are the names of the store's rules.
    Wrong "job-unreadable":
        "任务的基本信息读不出来" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The job's own row cannot be read."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "station-key-differs":
        "任务由另一站点签名" / "确认用的是该站点的 station.pub；若是，则不要相信该任务"
        / "The job was signed by another station than the pinned one."
        / "Make sure that station.pub is that station's; if it is, do not trust the job.";
    Wrong "integrity":
        "数据库文件损坏" / "停止拍摄，检查磁盘；用能通过 verify 的备份恢复任务"
        / "The database file is damaged."
        / "Stop shooting, check the disk, restore a backup that verifies.";
    Wrong "table-unreadable":
        "任务中的一张表读不出来" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A table of the job cannot be read."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "schema-unreadable":
        "数据库结构读不出来" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The schema of the database cannot be read."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "schema-missing":
        "少了表、索引或触发器" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A table, index or trigger is gone."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "schema-changed":
        "表、索引或触发器被改动" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A table, index or trigger was changed."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "schema-foreign":
        "多出外来的表、索引或触发器" / "不要交付；用能通过 verify 的备份恢复任务"
        / "There is a foreign table, index or trigger."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "link-broken":
        "有一行指向不存在的行" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A row points to one that is not there."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "row-changed":
        "有一行写入后被改动" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A row was changed after it was written."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "row-missing":
        "日志中记载的一行不见了" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A row that the journal tells is gone."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "row-unjournaled":
        "有一行未经日志写入" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A row came in past the journal."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "journal-gap":
        "日志缺行" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A line of the journal is missing."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "journal-chain":
        "日志的前后链接断开" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A line of the journal does not follow from the one before."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "journal-hash":
        "日志一行的摘要不符" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A line of the journal has another digest than it should."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "journal-signature":
        "日志一行的签名不符" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The signature of a line of the journal is wrong."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "journaled-already":
        "同一行被记入日志两次" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A row stands in the journal twice."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "entry-unknown":
        "名册版本没有对应的条目" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A version of an entry belongs to no entry."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "version-not-next":
        "名册条目的版本号不连续" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The versions of an entry are not in order."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "digest-foreign":
        "名册的姓名或号码与其摘要不符" / "不要交付；用能通过 verify 的备份恢复任务"
        / "Name or number of an entry do not fit their digests."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "sitting-not-next":
        "采集编号不连续" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The numbers of the sittings are not in order."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "sitting-still-open":
        "有一次采集没有结束" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A sitting was never ended."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "sitting-unknown":
        "有一行属于不存在的采集" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A row belongs to a sitting that is not there."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "outcome-untrue":
        "采集的结果与实际归档不符" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A sitting's outcome does not fit what is on file."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "change-not-next":
        "阶段变更编号不连续" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The changes of stage are not in order."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "simulated-in-production":
        "正式任务中用了模拟设备或模拟证件" / "不要交付这些记录；标记后用真实设备重拍"
        / "A simulated device or document was used in a production job."
        / "Do not deliver these records; flag them and shoot again with real devices.";
    Wrong "evidence-before-sitting":
        "读证早于采集开始" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The document was read before the sitting began."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "evidence-foreign":
        "核验所依据的证据不是它自己的" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A verification rests on evidence that is not its own."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "second-operator-missing":
        "人工核验缺第二名操作员" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A manual verification has no second person."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "assurance-foreign":
        "证据的可信级别与读取方式不符" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The assurance of the evidence does not fit the way it was read."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "verification-exists":
        "同一证据核验了两次" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "One reading was used for two verifications."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "verification-foreign":
        "票据不属于该次核验" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A ticket does not belong to its verification."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "entry-foreign":
        "核验的证件与名册条目不符" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The verified document does not fit the entry."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "boots-differ":
        "同一次采集跨越了重启" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "One sitting spans a restart of the machine."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "device-missing":
        "采集没有记录读卡器或相机" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A sitting does not say which reader or camera it used."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "ticket-life":
        "票据无效或有效期过长" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A ticket is none, or lives too long."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "ticket-foreign":
        "照片用了别人的票据" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A photo was taken with the ticket of somebody else."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "ticket-expired":
        "照片晚于票据有效期" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A photo was taken after its ticket had expired."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "ticket-used":
        "一张票据用了两次" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A ticket was used twice."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "portrait-twice":
        "两条记录是同一张照片" / "比对两人的脸；标记错误的一条并重拍"
        / "Two records hold the same portrait."
        / "Look at both faces; flag the wrong record and shoot it again.";
    Wrong "frame-twice":
        "两条记录来自同一画面" / "比对两人的脸；标记错误的一条并重拍"
        / "Two records come from the same frame."
        / "Look at both faces; flag the wrong record and shoot it again.";
    Wrong "birth-unproven":
        "画面的拍摄时间没有依据" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "Nothing proves when the frame was taken."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "portrait-bytes":
        "照片不是归档时的那一张" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The portrait is not the one that was filed."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "original-bytes":
        "原始画面不是归档时的那一张" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The original frame is not the one that was filed."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "normalised-bytes":
        "换底副本不是归档时的那一张" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The copy with an even background is not the one that was filed."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "normalised-source":
        "换底副本不是由本记录的照片制作的" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The copy with an even background was not made from the portrait of its record."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "normalised-foreign":
        "换底副本是另一条记录的照片" / "比对两人的脸；标记错误的一条并重拍"
        / "The copy with an even background is the portrait of another record."
        / "Look at both faces; flag the wrong record and shoot it again.";
    Wrong "picture-bytes":
        "入学照片不是导入时的那一张" / "重新导入入学照片（roster photos）"
        / "An admission photo is not the one that was imported."
        / "Import the admission photos again (roster photos).";
    Wrong "photo-foreign":
        "确认的照片不属于该条目" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "An acceptance names a photo that is not its own."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "photo-accepted":
        "同一张照片被确认了两次" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A photo was accepted twice."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "photo-unaccepted":
        "有照片归档却无人确认" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A photo is on file that nobody accepted."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "identity-foreign":
        "确认时的证件与核验的不同" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The acceptance was for another document than the verified one."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "signature-wrong":
        "确认的签名不符" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "The signature of an acceptance is wrong."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "generation-not-next":
        "代次不连续" / "不要交付；用能通过 verify 的备份恢复任务"
        / "The generations of a record are not in order."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "not-flagged":
        "前一代未标记就有了新一代" / "不要交付该记录；用能通过 verify 的备份恢复，没有备份则标记后重拍"
        / "A generation follows one that was not flagged."
        / "Do not deliver the record; restore a backup that verifies, or flag it and shoot again.";
    Wrong "flag-without-reason":
        "标记缺少原因或标记人" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A flag has no reason or no name."
        / "Do not deliver; restore a backup that verifies.";
    Wrong "acceptance-unknown":
        "标记了不存在的记录" / "不要交付；用能通过 verify 的备份恢复任务"
        / "A flag belongs to no record."
        / "Do not deliver; restore a backup that verifies.";

    // Records that are held back from delivery.
    Note "flagged":
        "已标记，等待重拍" / "重拍；证件先行"
        / "The record is flagged and waits for its re-shoot."
        / "Shoot again, document first.";
    Note "superseded":
        "已有更新的一代" / "无需处理；交付较新的一代"
        / "A later generation stands."
        / "Nothing to do; the later one is delivered.";
    Note "referred":
        "已转交：证件与名册不一致" / "请登记处更正名册，再导入一次"
        / "Referred: document and roster disagree."
        / "Let the registrar correct the roster and import it again.";
    Note "number-changed":
        "拍摄后名册的证件号码变了" / "核对证件；名册有误就更正后再导入，否则标记并重拍"
        / "The roster's number changed after the shot."
        / "Check the document; correct the roster and import it again, or flag the record and shoot again.";
    Note "name-changed":
        "拍摄后名册的姓名变了" / "核对证件；名册有误就更正后再导入，否则标记并重拍"
        / "The roster's name changed after the shot."
        / "Check the document; correct the roster and import it again, or flag the record and shoot again.";

    // Rows of a roster that are imported all the same.
    Note "sex-contradicts-number":
        "性别列与证件号码矛盾，以号码为准" / "对照证件核对"
        / "The sex column contradicts the number, which decides."
        / "Compare with the document.";
    Note "sex-unknown":
        "性别列的内容不认识，按未填处理" / "填“男”或“女”，或留空"
        / "The sex column holds something unknown and is taken as empty."
        / "Write 男 or 女, or leave it empty.";
    Note "number-shared":
        "同一证件号对应多个学号" / "确属双学籍则无需处理；拍摄时要输入学号"
        / "The same number stands under several student numbers."
        / "If there are two enrolments, nothing; at the booth the student number is typed.";
    Note "name-private-use":
        "姓名含自造字，其他系统显示可能不同" / "确认该字在学籍系统中显示正确"
        / "The name has a private-use character, which other systems show differently."
        / "Make sure that the registration system shows it right.";
    Note "name-blanks-dropped":
        "已去掉姓名汉字之间的空格" / "确认姓名无误"
        / "Blanks between the characters of the name were dropped."
        / "See that the name is right.";
    Note "leading-zeros-may-be-lost":
        "存成了数字且比其他行短，开头的 0 可能丢失" / "对照学籍核对；把该列设为文本"
        / "Kept as a number and shorter than others: leading zeros may be lost."
        / "Compare with the register; format the column as text.";

    // Pictures of the watched folder that are put aside.
    Note "file-before-watch":
        "照片在开始监视之前就在文件夹里" / "忽略；需要时重照"
        / "The file was there before the folder was watched."
        / "Ignore it; shoot again if it was meant.";
    Note "file-empty":
        "文件一直是空的" / "检查传输软件和存储卡，再照一张"
        / "The file stayed empty."
        / "Check transfer program and card, shoot again.";
    Note "file-incomplete":
        "文件没有传完整" / "检查线缆，再照一张"
        / "The file is not a whole picture."
        / "Check the cable, shoot again.";
    Note "file-unsupported":
        "不是 JPEG 或 PNG" / "在相机中关闭 RAW，只存 JPEG"
        / "The file is no JPEG or PNG."
        / "Set the camera to JPEG without RAW.";
    Note "file-too-large":
        "文件超过 64 MiB" / "在相机中选小一档的尺寸"
        / "The file is larger than 64 MiB."
        / "Set the camera to a smaller size.";
    Note "file-duplicate":
        "这张照片已经来过" / "忽略；需要时重照"
        / "The picture came before."
        / "Ignore it; shoot again if it was meant.";
    Note "file-other-body":
        "照片来自另一台相机" / "一个文件夹只接一台相机；换相机后重新测量时钟"
        / "The picture comes from another camera."
        / "Use one camera per folder; measure the clock again after a change.";
    Note "file-counter-back":
        "相机的文件编号倒退了" / "检查存储卡是否更换；再照一张"
        / "The camera's file number went back."
        / "See whether the card was changed; shoot again.";
    Note "file-out-of-order":
        "一张更早拍的照片后到了" / "这张不会用；对着本人再照一张"
        / "A picture arrived that was taken before the one before it."
        / "It is not used; shoot again.";
    Note "file-clock-jumped":
        "照片上的时间对不上：相机时钟被改过或漂移了" / "这张不会用；重新测量相机时钟（camera clock）后再照"
        / "The time in the picture cannot be: the camera's clock was changed or has drifted."
        / "It is not used. Measure the camera's clock again (camera clock), then shoot.";
    Note "file-changed":
        "文件到达后又被改写" / "关闭会修改照片的软件，再照一张"
        / "The file was changed after it had arrived."
        / "Close the program that edits pictures, shoot again.";

    // The reader.
    Fault "no-document":
        "等待时间内没有证件" / "放上证件再试"
        / "No document came in time."
        / "Put the document on and try again.";
    Fault "reader-not-ready":
        "读卡器未就绪（状态见括号）" / "插好读卡器，核对 --reader 的名称，确认读卡器服务（pcscd）在运行"
        / "The reader is not ready (its state is in brackets)."
        / "Plug it in, check the name after --reader, see that the service (pcscd) runs.";
    Fault "reader-none":
        "没有连接读卡器，或没有这个名称的读卡器" / "插好读卡器，核对名称"
        / "No reader is connected, or none of this name."
        / "Plug the reader in, check its name.";
    Fault "reader-unplugged":
        "读卡器被拔出" / "重新插好读卡器"
        / "The reader was unplugged."
        / "Plug it in again.";
    Fault "reader-service-down":
        "读卡器服务未运行" / "启动服务：systemctl start pcscd；Windows：启动“Smart Card”服务"
        / "The smart-card service does not run."
        / "Start it: systemctl start pcscd; on Windows the service Smart Card.";
    Fault "reader-vendor-missing":
        "厂商读卡库不存在或不能使用" / "核对 sdtapi: 后的路径，安装读卡器厂商的软件包；32 位的库需要 likeness-vendor-32；原因见日志"
        / "The vendor's library is missing or cannot be used."
        / "Check the path after sdtapi:, install the vendor's package; a 32-bit library needs likeness-vendor-32. The log has the reason.";
    Note "decoder-missing":
        "证件照片的解码库不存在或不能使用" / "在设备页核对路径；32 位的库需要 likeness-vendor-32；不用就清空，拍照不受影响"
        / "The library that opens portraits of chips is missing or cannot be used."
        / "Check its path on the devices screen; a 32-bit library needs likeness-vendor-32. Or leave it empty: nothing depends on it.";
    Note "decoder-failed":
        "证件照片解不开" / "照常核对姓名和入学照片；一直这样就换解码库，或在设备页清空"
        / "The portrait of the chip was not opened."
        / "Compare name and admission photo as usual. If it stays so, use another library or none (devices screen).";
    Note "portrait-not-given":
        "这个读卡器不给出证件照片" / "照片和文字在同一次应答里的读卡器才有：串口（sdt:）和厂商库（sdtapi:）"
        / "This reader does not give the portrait out."
        / "Only readers that give it in the same answer as the text do: serial (sdt:) and vendor's library (sdtapi:).";
    Fault "reader-forbidden":
        "系统不允许打开读卡器的端口" / "把用户加入 dialout 组，重新登录"
        / "The system refuses access to the reader's port."
        / "Add the user to the group dialout and log in again.";
    Fault "reader-hung":
        "读卡器或其服务没有响应" / "拔插读卡器；仍不行重启服务"
        / "Reader or service do not answer."
        / "Unplug the reader and plug it in; if that fails, restart the service.";
    Fault "reader-name":
        "读卡器名称为空" / "写 pcsc，或 pcsc:名称"
        / "The reader's name is empty."
        / "Write pcsc, or pcsc:NAME.";
    Fault "reader-thread":
        "系统资源不足，读卡线程无法启动" / "关闭其他程序，再试"
        / "The system gave no thread for the reader."
        / "Close other programs and try again.";

    // The camera's controls.
    Wrong "control-missing":
        "相机没有这项参数" / "用 camera controls 查看相机有哪些参数；换了相机就重新校准（camera lock）"
        / "The camera has no such control."
        / "See which it has (camera controls); after a change of cameras calibrate again (camera lock).";
    Wrong "control-clamped":
        "参数超出相机的范围，已取最接近的值" / "用 camera controls 查看范围，改设范围内的值；换了相机就重新校准（camera lock）"
        / "The value lies outside of the camera's range; the nearest one was set."
        / "See the range (camera controls) and set a value within it; after a change of cameras calibrate again (camera lock).";
    Wrong "control-overruled":
        "给出的设置互相矛盾，以后面的为准" / "一个参数和它的自动档只给一个"
        / "The settings contradict each other; the later one was taken."
        / "Give a value or its automatic, and not both.";
    Wrong "control-not-offered":
        "相机的选项中没有这个值" / "用 camera controls 查看有哪些选项，另选一个"
        / "The camera does not offer this choice."
        / "See which it offers (camera controls) and take another.";
    Wrong "control-not-taken":
        "参数设了，读回来却不是这个值" / "关闭其他使用相机的程序，拔插相机；仍不行不要设这一项，或换一台相机"
        / "A control was set and reads otherwise."
        / "Close other programs that use the camera, unplug it and plug it in; if it stays, leave this control alone or use another camera.";
    Note "camera-drift":
        "画面的亮度或颜色已偏离校准时的背景" / "检查灯光、窗帘和背景布；恢复不了就重新校准（camera lock）"
        / "The backdrop is brighter, darker or of another colour than at the calibration."
        / "Check lamps, curtains and the cloth; if it cannot be undone, calibrate again (camera lock).";
    Note "calibration-of-another-job":
        "这台相机是为另一个任务校准的" / "参数照旧使用；在本任务的灯光下重新校准（camera lock --job）"
        / "This camera was calibrated for another job."
        / "Its values are used all the same; calibrate it again in the light of this job (camera lock --job).";
    Refusal "booth-occupied":
        "有人在座" / "这次采集结束、证件取走之后再设"
        / "Somebody sits."
        / "Do it after this sitting, when the document has been taken.";
    Refusal "camera-uncalibrated":
        "这台相机还没有校准" / "对着灰卡或背景运行 likeness-ctl camera lock"
        / "This camera has not been calibrated."
        / "Run likeness-ctl camera lock before a grey card or the backdrop.";
    Refusal "camera-not-settled":
        "画面的亮度或颜色一直在变，无法校准" / "让灯光稳定、画面中的人站开，再校准一次；灯光频闪时先设 power-line=50hz"
        / "Brightness or colour went on changing; nothing was calibrated."
        / "Let the light be steady and nobody move in the picture, and calibrate again; if lamps flicker set power-line=50hz first.";
    Refusal "camera-lock-jumped":
        "关闭自动后画面变了：相机报出的值与实际不符" / "用 camera set 手动设好曝光和白平衡，再运行 camera lock --as-is"
        / "The picture changed when the automatics were switched off: the camera does not tell what they found."
        / "Set exposure and white balance by hand (camera set), then run camera lock --as-is.";
    Refusal "camera-reference-unusable":
        "校准区域太暗、过曝或不均匀" / "让灰卡占满画面中央（或背景布铺满两上角），调整灯光后再校准"
        / "The region is too dark, burnt out or uneven to be a reference."
        / "Let the grey card fill the middle of the picture (or the cloth its upper corners), adjust the light, and calibrate again.";
    Fault "calibration-unreadable":
        "这台相机的校准文件读不出来" / "删除站点文件夹 cameras 中的该文件，再重新校准（camera lock）"
        / "The calibration of this camera cannot be read."
        / "Delete the file under cameras in the station's folder, and calibrate again (camera lock).";
    Refusal "camera-controls-none":
        "这种相机的参数不能由本程序设置" / "在相机或传输软件上设置；用 --camera v4l 的相机可以由本程序设置"
        / "This camera's controls cannot be reached."
        / "Set them on the camera or in its own program; those of a --camera v4l can be set here.";
    Fault "camera-control-refused":
        "相机拒绝设置这项参数" / "关闭其他使用相机的程序再试；把用户加入 video 组"
        / "The camera refuses a control."
        / "Close other programs that use the camera and try again; add the user to the group video.";
    Fault "camera-controls-unreadable":
        "相机的参数读不出来" / "拔插相机再试；仍不行换一台相机"
        / "The camera's controls cannot be read."
        / "Unplug the camera, plug it in, try again; if it stays, use another camera.";
    // The camera.
    Fault "camera-not-ready":
        "相机未就绪（状态见括号）" / "检查相机、线缆和权限"
        / "The camera is not ready (its state is in brackets)."
        / "Check camera, cable and permissions.";
    Fault "camera-none":
        "没有连接相机" / "插好相机，检查线和权限；单反联机用 folder:DIR，不在此列"
        / "No camera is connected."
        / "Plug one in, check cable and permissions; a tethered camera is folder:DIR and not listed.";
    Fault "camera-not-found":
        "找不到该相机、图片或文件夹" / "插好相机，核对 --camera 的名称或路径"
        / "There is no such camera, picture or folder."
        / "Plug the camera in, check the name or path after --camera.";
    Fault "camera-forbidden":
        "系统不允许访问相机" / "把用户加入 video 组；Windows、macOS：在隐私设置中允许相机"
        / "The system refuses access to the camera."
        / "Add the user to the group video; on Windows and macOS allow the camera in the privacy settings.";
    Fault "camera-busy":
        "相机被其他程序占用" / "关闭其他使用相机的程序"
        / "Another program uses the camera."
        / "Close the other program.";
    Fault "camera-unusable":
        "这不是可用的相机或图片" / "换一台相机，或核对图片文件"
        / "This is no usable camera or picture."
        / "Use another camera, or check the picture file.";
    Fault "camera-io":
        "相机打不开" / "拔插相机，再试"
        / "The camera could not be opened."
        / "Unplug the camera, plug it in, try again.";
    Fault "camera-stalled":
        "半秒没有新画面" / "检查线缆；仍不行拔插相机"
        / "No picture has come for half a second."
        / "Check the cable; if that fails, unplug the camera and plug it in.";
    Fault "camera-frozen":
        "画面卡住，反复是同一帧" / "拔插相机"
        / "The camera repeats one picture."
        / "Unplug the camera and plug it in.";
    Fault "camera-garbled":
        "相机送来的画面都不完整" / "换线缆或换 USB 口"
        / "The camera sends damaged pictures."
        / "Change the cable or the USB port.";
    Fault "camera-disconnected":
        "相机未连接" / "插好同一台相机"
        / "The camera is not connected."
        / "Plug the same camera in again.";
    Fault "camera-no-format":
        "相机没有可用的画面格式" / "换一台支持 MJPEG 或 YUYV 的相机"
        / "The camera offers no usable picture format."
        / "Use a camera with MJPEG or YUYV.";
    Fault "camera-driver-error":
        "相机驱动报错" / "拔插相机；仍不行重启电脑"
        / "The camera's driver reported an error."
        / "Unplug the camera and plug it in; if that fails, restart the machine.";
    Fault "camera-hung":
        "相机驱动没有响应" / "拔插相机；仍不行重启电脑"
        / "The camera's driver does not answer."
        / "Unplug the camera and plug it in; if that fails, restart the machine.";
    Fault "camera-crashed":
        "相机线程出错退出" / "重启程序；仍不行换用其他相机"
        / "The camera's thread failed."
        / "Restart the program; if it fails again, use another camera.";
    Fault "folder-gone":
        "监视的文件夹读不到了" / "检查路径、磁盘或网络盘"
        / "The watched folder cannot be read."
        / "Check the path, the disk or the network drive.";
    Fault "camera-body-changed":
        "文件夹里的照片来自另一台相机了" / "换回原相机，或重新测量时钟（camera clock）后重来"
        / "The pictures come from another camera now."
        / "Use the former camera, or measure the clock again (camera clock) and start again.";

    Fault "camera-clock-jumped":
        "相机时钟跳变了，之前的测量作废" / "校好相机时间，重新测量时钟（camera clock）后重来"
        / "The camera's clock has jumped: what was measured no longer holds."
        / "Set the camera's time, measure its clock again (camera clock) and start again.";

    // Jobs, disks, files and models.
    Fault "job-missing":
        "该文件夹里没有任务" / "核对路径，或用 job create 建立任务"
        / "There is no job in this folder."
        / "Check the path, or create one with job create.";
    Fault "not-a-job":
        "该文件不是本程序的任务" / "核对路径，或用 job create 建立任务"
        / "The file is no job of this program."
        / "Check the path, or create one with job create.";
    Fault "job-newer":
        "任务由更新版本的程序建立" / "升级本程序"
        / "The job was written by a newer program."
        / "Update this program.";
    Fault "job-of-another-station":
        "任务属于另一站点（签名密钥不同）" / "在建立任务的机器上打开，或设 LIKENESS_STATION_DIR 指向那把密钥"
        / "The job belongs to another station (another signing key)."
        / "Open it where it was created, or set LIKENESS_STATION_DIR to that key.";
    Fault "job-standard-unreadable":
        "任务自带的照片规范本程序读不懂" / "用建立该任务时的版本或更新的版本打开；已归档的记录不受影响，可以核验和交付"
        / "This program cannot read the photo standard that the job keeps."
        / "Open the job with the version that made it, or a newer one; what is on file can be verified and delivered all the same.";
    Fault "job-damaged":
        "任务中有一行损坏" / "停止拍摄，运行 verify，用备份恢复"
        / "A row of the job is damaged."
        / "Stop shooting, run verify, restore the backup.";
    Fault "disk-full":
        "磁盘已满" / "腾出空间后再拍"
        / "The disk is full."
        / "Make room, then shoot.";
    Fault "disk-fault":
        "任务的数据库文件读写失败" / "检查磁盘、权限，确认没有其他程序锁住它"
        / "The job's database file could not be read or written."
        / "Check disk and permissions, and that no other program locks it.";
    Fault "disk":
        "读写失败或系统资源不足" / "检查磁盘空间、权限和内存，再试"
        / "Reading or writing failed, or the system is out of resources."
        / "Check disk space, permissions and memory, then try again.";
    Fault "file-fault":
        "任务或密钥的文件读写失败" / "检查括号中的路径和权限"
        / "A file of the job or the key could not be read or written."
        / "Check the path in brackets and its permissions.";
    Fault "file-unreadable":
        "文件读不出来" / "检查路径和权限"
        / "The file cannot be read."
        / "Check path and permissions.";
    Fault "file-unwritable":
        "文件写不进去" / "检查文件夹是否存在、权限和磁盘空间"
        / "The file cannot be written."
        / "Check that the folder exists, its permissions and the disk space.";
    Fault "station-key-unusable":
        "站点密钥不可用" / "检查 LIKENESS_STATION_DIR 下的 station.key：须完整，且只有所有者可读（chmod 600）"
        / "The station's key cannot be used."
        / "Check station.key in LIKENESS_STATION_DIR: whole, and readable by its owner only (chmod 600).";
    Fault "no-random-numbers":
        "系统没有提供随机数" / "重启电脑再试"
        / "The operating system gave no random numbers."
        / "Restart the machine and try again.";
    Fault "no-thread":
        "系统资源不足，任务无法打开" / "关闭其他程序，再打开任务"
        / "The system gave no thread for the job."
        / "Close other programs and open the job again.";
    Fault "room-gone":
        "处理任务的部分出错退出；未归档的采集作废" / "重启程序，再打开任务；采集重新开始"
        / "The part that holds the job failed; a sitting that was not filed is void."
        / "Restart the program, open the job, start the sitting again.";
    Fault "photos-too-many":
        "文件夹里超过 200,000 个文件" / "确认没有选错文件夹"
        / "The folder holds more than 200,000 files."
        / "Make sure it is the right folder.";
    Fault "photo-changed":
        "导入过程中有照片被改动" / "停止修改，重新导入"
        / "A photo was changed during the import."
        / "Leave the folder alone and import again.";
    Fault "package-read-back-differs":
        "写入后回读不一致" / "换一块磁盘或 U 盘，重新交付"
        / "What was read back is not what was written."
        / "Use another disk and deliver again.";
    Fault "package-index-not-made":
        "索引表无法生成" / "检查磁盘空间，重新交付"
        / "The index could not be made."
        / "Check the disk space and deliver again.";
    Fault "picture-unreadable":
        "画面的数据长度不对" / "再照一张；仍不行换一台相机"
        / "The picture's data have the wrong length."
        / "Shoot again; if it stays, use another camera.";
    Fault "render-foreign-crop":
        "裁切与画面不符，未制作照片" / "再照一张；仍不行重启程序"
        / "The crop does not belong to the frame; no portrait was made."
        / "Shoot again; if it stays, restart the program.";
    Fault "render-resample":
        "照片缩放失败" / "关闭其他程序腾出内存，再照一张"
        / "The portrait could not be scaled."
        / "Close other programs to free memory, then shoot again.";
    Fault "vision-model":
        "人脸模型无法载入" / "重新安装程序"
        / "A face model cannot be loaded."
        / "Install the program again.";
    Fault "vision-inference":
        "人脸模型运行失败" / "关闭其他程序腾出内存，再试"
        / "A face model failed to run."
        / "Close other programs to free memory, then try again.";
    Fault "vision-shape":
        "人脸模型的输出不对" / "重新安装程序"
        / "A face model gave an unexpected output."
        / "Install the program again.";
    Fault "vision-scale":
        "画面无法缩放给模型" / "换一张画面；仍不行降低相机分辨率"
        / "The picture cannot be scaled for the models."
        / "Take another picture; if it stays, lower the camera's resolution.";

    // Simulated devices.
    Fault "simulated-document-faulty":
        "模拟证件文件有错（见括号）" / "对照手册中模拟证件的样例改正"
        / "The file of the simulated document has a fault (in brackets)."
        / "Correct it as the manual's sample of a simulated document shows.";
    Fault "still-too-small":
        "模拟相机的图片太小，放不下编号" / "换一张更大的图片"
        / "The simulated camera's picture has no room for its stamp."
        / "Use a larger picture.";
}
