ALTER TABLE `attempts` ADD `before` text;--> statement-breakpoint
ALTER TABLE `checkpoints` ADD `problem` text;