package catalog

// What AWS Backup keeps.
const (
	BackupVault       = "aws:backup/vault:Vault"
	BackupVaultPolicy = "aws:backup/vaultPolicy:VaultPolicy"
	BackupPlan        = "aws:backup/plan:Plan"
	BackupSelection   = "aws:backup/selection:Selection"
)

var backupTypes = []Type{
	{
		Token: BackupVault,
		Label: "Backup Vault",
		Holds: Always,
		Free:  "what is in it is charged, to what was backed up",
		Actions: Actions{
			Read:   "backup: DescribeBackupVault ListTags",
			Create: "backup: CreateBackupVault TagResource",
			Makes:  []string{"arn:aws:backup:*:*:backup-vault:*"},
			Write:  "backup: DeleteBackupVault TagResource UntagResource",
			Untagged: []Grant{
				{
					Actions: "backup-storage: MountCapsule",
					On:      []string{"*"},
					Why:     "AWS knows no resource for the storage behind a vault",
				},
			},
		},
	},
	{
		Token: BackupVaultPolicy,
		Label: "Backup Vault Policy",
		Free:  "policies are free",
		Actions: Actions{
			Read:  "backup: GetBackupVaultAccessPolicy",
			Write: "backup: PutBackupVaultAccessPolicy DeleteBackupVaultAccessPolicy",
		},
	},
	{
		Token: BackupPlan,
		Label: "Backup Plan",
		Actions: Actions{
			Read:   "backup: GetBackupPlan ListTags",
			Create: "backup: CreateBackupPlan TagResource",
			Makes:  []string{"arn:aws:backup:*:*:backup-plan:*"},
			Write:  "backup: UpdateBackupPlan DeleteBackupPlan TagResource UntagResource",
		},
	},
	{
		Token: BackupSelection,
		Label: "Backup Selection",
		Actions: Actions{
			Read:  "backup: GetBackupSelection",
			Write: "backup: CreateBackupSelection DeleteBackupSelection",
		},
	},
}
